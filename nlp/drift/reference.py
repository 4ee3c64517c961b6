"""References: what a model says of ordinary news, in a small file of counts."""

from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from nlp.classifier import ModelMissing
from nlp.drift.distributions import Distributions, Name

_FOLDER: Final = "references"
Counts = dict[str, NonNegativeInt]


class Reference(BaseModel):
    """The distributions of a model's answers on ordinary news. It holds counts and no text.

    Attributes:
        format: Version of the file's format.
        model: Id of the model; of another one they say nothing.
        articles: Number of articles, at least 1.
        sentiment: Articles by likeliest sentiment.
        topic: Mentions of topics.
        confidence: Articles by tenth of the likeliest sentiment's probability.
        news: Description of the news, for people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    model: str = Field(min_length=1)
    articles: int = Field(ge=1)
    sentiment: Counts = Field(min_length=1)
    topic: Counts = Field(min_length=1)
    confidence: Counts = Field(min_length=1)
    news: str = ""

    def counts(self, name: Name) -> Counts:
        """Return the counts of one distribution."""
        return {
            "sentiment": self.sentiment,
            "topic": self.topic,
            "confidence": self.confidence,
        }[name]


def make_reference(model: str, counted: Distributions, news: str = "") -> Reference:
    """Return the reference of ``model`` with the distributions of at least one article."""
    tables = (counted.sentiment, counted.topic, counted.confidence)
    sentiment, topic, confidence = (dict(sorted(Counter(table).items())) for table in tables)
    return Reference(
        model=model,
        articles=counted.articles,
        sentiment=sentiment,
        topic=topic,
        confidence=confidence,
        news=news,
    )


def read_reference(file: Path, model: str) -> Reference:
    """Read a reference of ``model``.

    Raises:
        ModelMissing: The file can't be read, is no reference, or is that of another model.
    """
    try:
        reference = Reference.model_validate(orjson.loads(file.read_bytes()))
    except (OSError, ValueError, ValidationError) as error:
        first_line = str(error).splitlines()[0]
        raise ModelMissing(
            f"nlp.reference: {file} is no reference ({first_line}): write one with "
            "`newsquake reference`"
        ) from error
    if reference.model != model:
        raise ModelMissing(
            f"nlp.reference: {file} is the reference of {reference.model}, and the model is "
            f"{model}: write one for it with `newsquake reference`"
        )
    return reference


@cache
def _shipped() -> dict[str, Reference]:
    folder = files("nlp.drift") / _FOLDER
    references = [
        Reference.model_validate(orjson.loads(file.read_bytes()))
        for file in folder.iterdir()
        if file.name.endswith(".json")
    ]
    return {reference.model: reference for reference in references}


def reference_of(model: str, file: Path | None = None) -> Reference | None:
    """Return the reference in ``file``, or the one that is shipped for ``model``, or None.

    Raises:
        ModelMissing: The file can't be used.
    """
    return read_reference(file, model) if file else _shipped().get(model)
