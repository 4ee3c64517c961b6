"""An article with its scores."""

from typing import ClassVar, Literal

from pydantic import Field

from schemas.article import Article
from schemas.wire import IS_ABSENT, EventPayload, Wire

Revision = Literal["companies", "correction"]
"""A record of an article that was scored before: with further companies, or another headline."""


class Sentiment(Wire):
    """Probabilities of the three classes; they add up to one but for rounding.

    No bounds are checked: a softmax in half precision may end a hair above one, and an article must
    not be lost to that. NaN and infinity are refused.
    """

    negative: float
    neutral: float
    positive: float


class SubjectSentiment(Sentiment):
    """Probabilities of the three classes, and the severity, of what a text says about a subject."""

    severity: float | None = Field(
        default=None,
        exclude_if=IS_ABSENT,
        description="How bad the news is for the subject, 0 nothing bad to 3 grave; left out where "
        "the model does not say",
    )


class ShadowScore(Wire):
    """A second model's scores of the same article, which are compared and not used."""

    model: str = Field(description="Id of the second model")
    sentiment: Sentiment
    topics: dict[str, float] = Field(description="Score of each topic, 0 to 1, not exclusive")


class ScoredArticle(EventPayload):
    """One model's scores of one article.

    An article in a language that no model reads is `unread`: `sentiment` is neutral and says
    nothing, `model` is "unread", and there are neither topics nor subjects.

    While the usual model is down a fallback may score: such an article is `degraded`, and is not
    scored again.

    An article may be revised. Then a further record has its `revision`, and `subjects` are those
    that it newly counts for: the subjects of all records of a key are what the article counts for.

    `sentiment` and `severity` are those of the whole text. If it names several companies, a model
    that can be asked is asked about each; `subject_sentiments` has the answers.
    """

    event_type: ClassVar[str] = "newsquake.article.scored"

    article: Article
    sentiment: Sentiment
    topics: dict[str, float] = Field(description="Score of each topic, 0 to 1, not exclusive")
    subjects: tuple[str, ...] = Field(
        description="What it counts for, such as topic:earnings or company:AAPL; in a revision "
        "only what it did not count for before"
    )
    model: str = Field(description='Id of the model that scored it, or "unread"')
    language: str | None = Field(
        default=None,
        exclude_if=IS_ABSENT,
        description="BCP 47 tag, lower case, as the producer said or as recognised; left out where "
        "it is the usual language, which is that of nlp.model",
    )
    unread: bool = Field(
        default=False,
        exclude_if=lambda unread: not unread,
        description="Whether no model reads the language, so that the article counts for nothing; "
        "left out where one does",
    )
    degraded: bool = Field(
        default=False,
        exclude_if=lambda degraded: not degraded,
        description="Whether the fallback scored it because the usual model was down; `model` is "
        "then the fallback's; left out where the usual model did",
    )
    shadow: ShadowScore | None = Field(
        default=None,
        exclude_if=IS_ABSENT,
        description="What a model in the shadow said, where one runs; left out where none does",
    )
    revision: Revision | None = Field(
        default=None,
        exclude_if=IS_ABSENT,
        description="Set if the article was scored before: companies if a copy named further "
        "ones, correction if its headline has changed; left out of an article's first record",
    )
    severity: float | None = Field(
        default=None,
        exclude_if=IS_ABSENT,
        description="How bad the news of the whole text is, 0 nothing bad to 3 grave; left out "
        "where the model does not say",
    )
    subject_sentiments: dict[str, SubjectSentiment] | None = Field(
        default=None,
        exclude_if=IS_ABSENT,
        description="What the text says about each of `subjects` that the model was asked about, "
        "such as company:AAPL; left out where it was asked about none",
    )
