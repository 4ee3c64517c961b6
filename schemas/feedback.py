"""A person's correction of an article's scores."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from schemas.instants import Instant
from schemas.wire import Wire

_Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Feedback(Wire):
    """The sentiment, the topic or both that a person would have given an article or a text.

    On Kafka the record's key is the article's idempotency key and counts like `key`. The last
    correction of an article replaces all before it, and a record without a value withdraws it.
    Without a `text`, the article is looked up in `news.scored`. Unknown fields are refused: people
    write corrections, and a mistyped field must not be dropped without a word.
    """

    unknown_fields: ClassVar[Literal["ignore", "forbid"]] = "forbid"

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["sentiment"]}, {"required": ["topic"]}]}
    )

    key: _Key | None = Field(default=None, description="Idempotency key of the article")
    text: _Words | None = Field(default=None, description="What the model should have understood")
    sentiment: Literal["negative", "neutral", "positive"] | None = None
    topic: _Words | None = Field(default=None, description="Name of a topic that the model knows")
    who: str | None = Field(default=None, description="Who says so")
    when: Instant | None = Field(default=None, description="Since when, UTC")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.sentiment is None and self.topic is None:
            raise ValueError("needs a sentiment, a topic, or both")
        return self
