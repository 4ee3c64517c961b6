"""A validated news article, on which every agent after `ingest` may rely."""

from typing import ClassVar

from pydantic import Field, JsonValue

from schemas.instants import Instant
from schemas.wire import EventPayload


class Article(EventPayload):
    """An article as accepted: clean text, UTC time, and a key that is the same for the same news.

    `headline` and `summary` are plain text on one line. `url` is as the producer sent it, so who
    renders it as a link must check its scheme. `extra` keeps what the producer sent and we do not
    know, fewer than 64 levels deep.
    """

    event_type: ClassVar[str] = "newsquake.article.accepted"

    key: str = Field(min_length=1, max_length=200, description="Idempotency key")
    source: str = Field(min_length=1, description="Who published it, as the producer names it")
    headline: str = Field(min_length=1, description="Plain text on one line")
    published: Instant = Field(description="Time of publication, UTC")
    url: str | None = None
    summary: str | None = Field(default=None, description="Plain text on one line")
    companies: tuple[str, ...] = Field(
        default=(), description="Tickers, upper case, no duplicates, in the producer's order"
    )
    company_names: tuple[str, ...] = Field(
        default=(),
        exclude_if=lambda names: not names,
        description="Names of companies beside tickers, which a table may know; left out where "
        "there are none",
    )
    language: str | None = Field(default=None, description="BCP 47 tag, lower case")
    extra: dict[str, JsonValue] = Field(
        default_factory=dict, description="Fields of the producer that have no place above"
    )
