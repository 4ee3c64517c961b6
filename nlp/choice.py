"""Which model to run, and how."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Nlp(BaseModel):
    """Settings of the model.

    ``model`` is ``lexicon`` (word lists, no download), ``null`` (everything is neutral), or a
    transformers sequence classification checkpoint: a directory or a hub id that is already in
    the local cache.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(
        default="lexicon",
        min_length=1,
        description="lexicon, null, or a checkpoint's directory or cached hub id",
    )
    device: str = Field(
        default="auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        description="Where a checkpoint runs; auto takes cuda, then mps, then cpu",
    )
    batch_tokens: int = Field(
        default=16_384,
        ge=16,
        le=4_194_304,
        description="Tokens in one forward pass, padding included; bounds the device's memory",
    )
    max_tokens: int = Field(
        default=128,
        ge=8,
        le=8_192,
        description="Tokens after which a text is cut, at most what the checkpoint allows",
    )
    labels: Mapping[str, Literal["negative", "neutral", "positive"]] = Field(
        default={},
        description="What a checkpoint's labels mean, where their names do not say: "
        '{"LABEL_0": "negative", …}',
    )
