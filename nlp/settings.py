"""Which model to run, and how."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Topic = Annotated[str, StringConstraints(pattern=r"^\w[\w-]*$")]
"""A topic's name becomes part of a subject, such as ``topic:supply-chain``."""
TopicOrNone = Annotated[str, StringConstraints(pattern=r"^(\w[\w-]*)?$")]
Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2_000)]


class ModelSettings(BaseModel):
    """Settings of the model.

    ``model``, ``topics`` and ``shadow`` each name one model, or several joined by ``+``: the mean
    of their probabilities counts, and ``2*shipped+lexicon`` weighs the first double. A model is

    - ``shipped``, ``lexicon`` (word lists, needs no library) or ``null`` (everything is neutral);
    - ``zero-shot``, for ``topics`` only: the topics described in ``zero_shot``;
    - a classifier that another package brings (entry point group ``newsquake.classifiers``);
    - the folder of a model that newsquake trained;
    - a transformers sequence classification checkpoint: its folder, or its hub id where that is in
      the local cache.

    ``labels`` and ``topic_labels`` say what a checkpoint's labels mean. With several checkpoints a
    key may be meant for one of them: ``"ProsusAI/finbert:LABEL_0"``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(
        default="shipped",
        min_length=1,
        description="shipped, lexicon, null, a plug-in's name, a model's folder or cached hub id; "
        "several joined by +, with weights as in 2*shipped+lexicon",
    )
    topics: str = Field(
        default="",
        description="The model that tells the topics, named as in model; or zero-shot. Empty: the "
        "same one, or the lexicon where that one, a checkpoint, knows none",
    )
    shadow: str = Field(
        default="",
        description="A second model, named as in model, whose scores are written beside the "
        "first's and compared, and count for nothing. Empty: none",
    )
    zero_shot: Mapping[Topic, Prompt] = Field(
        default={},
        description="Topics of your own for the model zero-shot, each with a description, or "
        'several between semicolons: {"layoffs": "A company cuts jobs; workers are laid off"}',
    )
    labels: Mapping[str, Literal["negative", "neutral", "positive"]] = Field(
        default={},
        description="What a checkpoint's labels mean, where their names do not say: "
        '{"LABEL_0": "negative", …}',
    )
    topic_labels: Mapping[str, TopicOrNone] = Field(
        default={},
        description="The topics that a checkpoint's labels stand for, where their names do not "
        'say, or "" for a label that is no topic: {"LABEL_0": "earnings", "LABEL_1": ""}',
    )
    device: str = Field(
        default="auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        description="Where a transformer runs; auto takes cuda, then mps, then cpu",
    )
    dtype: Literal["auto", "fp32", "bf16", "int8"] = Field(
        default="auto",
        description="Precision; auto takes bf16 where it is fast, but for a checkpoint fp32, as "
        "nobody measured what less does to its answers. int8 is for CPUs",
    )
    compile: bool = Field(
        default=False,
        description="Compile the model at start: half a minute, then faster on some machines",
    )
    threads: int = Field(
        default=0,
        ge=0,
        le=1_024,
        description="Processor cores of a transformer, each with a batch of its own; 0: all",
    )
    batch_tokens: int = Field(
        default=0,
        ge=0,
        le=4_194_304,
        description="Tokens in one forward pass, padding included; bounds the device's memory. "
        "0: 512 on a CPU, where more is slower, and 16 384 elsewhere",
    )
    max_tokens: int = Field(
        default=128,
        ge=8,
        le=8_192,
        description="Tokens after which a text is cut, at most what the model allows",
    )
    windows: bool = Field(
        default=False,
        description="Read long texts to the end, in overlapping windows of max_tokens whose mean "
        "counts, instead of their beginning only; newsquake's own models can",
    )
