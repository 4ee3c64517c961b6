"""Settings of the model: which one, where it runs, and in which precision."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from nlp.languages.tags import ANY, normal_tag, primary

Topic = Annotated[str, StringConstraints(pattern=r"^\w[\w-]*$")]
"""Name of a topic, a word. It becomes part of a subject, such as ``topic:supply-chain``."""
TopicOrNone = Annotated[str, StringConstraints(pattern=r"^(\w[\w-]*)?$")]
"""Name of a topic, or empty for a label that is no topic."""
Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2_000)]
"""Description of a topic in words, or several descriptions between semicolons."""
SHIPPED_LANGUAGES: Final[Mapping[str, str]] = {"zh": "lexicon-zh"}
"""The models of further languages that are part of the package."""


class ModelSettings(BaseModel):
    """Settings of the model.

    ``model``, ``topics`` and ``shadow`` each name one model, or several joined by ``+``. Several
    models count by the mean of their probabilities; ``2*shipped+lexicon`` gives the first twice the
    weight. A model is

    - ``auto`` (the default): ``large`` where a graphics card runs it, else ``shipped``;
    - ``shipped``, ``large`` (a larger encoder: better, and slow without a graphics card; extra
      ``large``), ``lexicon`` (word lists, needs no library), ``lexicon-zh`` (the same for Chinese)
      or ``null`` (every text is neutral);
    - ``zero-shot``, for ``topics`` only: the topics described in ``zero_shot``;
    - a classifier of another package (entry point group ``newsquake.classifiers``);
    - the folder of a model that newsquake trained;
    - a transformers sequence classification checkpoint: its folder, or its hub id if the checkpoint
      is in the local cache.

    ``labels`` and ``topic_labels`` give a checkpoint's labels a meaning. With several checkpoints a
    key may name the one that it is for: ``"ProsusAI/finbert:LABEL_0"``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(
        default="auto",
        min_length=1,
        description="auto takes large where there is a graphics card with PyTorch and the extra "
        "large, and else shipped; or shipped, large, lexicon, null, a plug-in's name, a model's "
        "folder or cached hub id; several joined by +, with weights as in 2*shipped+lexicon",
    )
    topics: str = Field(
        default="",
        description="The model for the topics, named as in model, or zero-shot. Empty: the same "
        "model, or the lexicon if that model is a checkpoint, which knows no topics",
    )
    shadow: str = Field(
        default="",
        description="A second model, named as in model. Its scores are published and compared "
        "with the first model's, and change nothing. Empty: none",
    )
    language: str = Field(
        default="en",
        description="The language of model, topics and shadow, and of a text that does not say "
        "enough. *: they read every language, and no language is recognised",
    )
    languages: Mapping[str, str] = Field(
        default=SHIPPED_LANGUAGES,
        description="The models of further languages, named as in model, by BCP 47 tag; * stands "
        "for all that are not named, and an empty text for no model: "
        '{"zh": "lexicon-zh", "de": "/models/german"}. What no model reads is marked as unread '
        "and counts for nothing. zh is there unless it is named",
    )
    zero_shot: Mapping[Topic, Prompt] = Field(
        default={},
        description="Your own topics for the model zero-shot, each with a description, or "
        'several between semicolons: {"layoffs": "A company cuts jobs; workers are laid off"}',
    )
    labels: Mapping[str, Literal["negative", "neutral", "positive"]] = Field(
        default={},
        description="The sentiments of a checkpoint's labels, if their names do not say: "
        '{"LABEL_0": "negative", …}',
    )
    topic_labels: Mapping[str, TopicOrNone] = Field(
        default={},
        description="The topics of a checkpoint's labels, if their names do not say, or an "
        'empty text for a label that is no topic: {"LABEL_0": "earnings", "LABEL_1": ""}',
    )
    reference: Path | None = Field(
        default=None,
        description="A file that says what the model says of ordinary news, against which drift "
        "is measured; `newsquake reference` writes it. Without it: the one that is shipped with "
        "the model, if there is one",
    )
    device: str = Field(
        default="auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        description="Device that a transformer runs on; auto takes cuda, then mps, then cpu",
    )
    dtype: Literal["auto", "fp32", "bf16", "int8"] = Field(
        default="auto",
        description="Precision; auto takes fp32 on a CPU, where bf16 changes the topics of 7 "
        "headlines in 1 000, and bf16 on another device if it is fast at it. For a checkpoint auto "
        "takes fp32, because nobody measured a lower precision. int8 is for CPUs",
    )
    runtime: Literal["auto", "openvino", "torch"] = Field(
        default="auto",
        description="The library that runs newsquake's own models: auto takes torch if there is a "
        "graphics card, or if compile, int8 or another device than the CPU is asked for, and else "
        "openvino. Checkpoints and zero-shot always run in torch",
    )
    cache: Path | None = Field(
        default=None,
        description="Folder in which openvino keeps models as it prepared them for this processor, "
        "so that the next start is faster. The default is in the user's cache directory",
    )
    compile: bool = Field(
        default=False,
        description="Compile the model at the start: it takes half a minute, and is faster "
        "afterwards on some machines",
    )
    threads: int = Field(
        default=0,
        ge=0,
        le=1_024,
        description="Processor cores that a transformer uses, each with a batch of its own; 0: all",
    )
    batch_tokens: int = Field(
        default=0,
        ge=0,
        le=4_194_304,
        description="Tokens in one forward pass, padding included, which bounds the memory. "
        "0: 512 on a CPU, where more is slower, and 16 384 on other devices",
    )
    max_tokens: int = Field(
        default=128,
        ge=8,
        le=8_192,
        description="Tokens after which a text is cut; the model's own limit if that is lower",
    )
    windows: bool = Field(
        default=False,
        description="Read up to 8 overlapping windows of max_tokens of a long text and take their "
        "mean, instead of its beginning only; for newsquake's own models",
    )

    @field_validator("language")
    @classmethod
    def _one_language(cls, language: str) -> str:
        return language if language == ANY else primary(_tag(language))

    @field_validator("languages")
    @classmethod
    def _with_shipped_languages(cls, languages: Mapping[str, str]) -> Mapping[str, str]:
        named = {tag if tag == ANY else _tag(tag): model for tag, model in languages.items()}
        return {**SHIPPED_LANGUAGES, **named}

    @model_validator(mode="after")
    def _each_language_once(self) -> Self:
        if self.languages.get(self.language, self.model) not in {
            self.model,
            SHIPPED_LANGUAGES.get(self.language),
        }:
            raise ValueError(
                f"languages names a model for {self.language}, the language of nlp.model: name it "
                "in nlp.model, or the language of nlp.model in nlp.language"
            )
        return self


def _tag(language: str) -> str:
    tag = normal_tag(language)
    if not tag:
        raise ValueError(f"{language!r} is no language: write a BCP 47 tag such as de or zh-hant")
    return tag
