"""The detector's input: one article's sentiment about one subject."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, ClassVar, Final

from pydantic import Field

from schemas.instants import Published
from schemas.wire import IS_ABSENT, EventPayload

RAW_PARTITION_HEADER: Final = "newsquake.partition"
"""Header of an accepted article: the number of the `news.raw` partition that it came from."""

Probability = Annotated[float, Field(ge=0.0, le=1.01)]
"""A softmax in half precision may end a hair above one, and an article must not be lost to that."""

_MAX_REMEMBERED: Final = 4_096
"""Lineages whose text is made once: 64 partitions of each of two topics."""
MAX_SEVERITY: Final = 3.01
"""A little more than 3, which is grave: half precision rounds."""


class Signal(EventPayload):
    """One article's sentiment about one subject, small, because an article may have many."""

    event_type: ClassVar[str] = "newsquake.signal"

    subject: str = Field(min_length=1, description="Such as topic:earnings or company:AAPL")
    key: str = Field(min_length=1, description="Idempotency key of the article")
    published: Published = Field(description="Event time, UTC")
    negative: Probability = Field(
        description="Probability that it is bad for the subject, if the model was asked about it; "
        "else that the whole text is"
    )
    neutral: Probability
    positive: Probability
    headline: str
    source: str
    model: str = Field(description="Id of the model that scored it")
    relevance: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="How much the article is about the subject: 1 it is what it is about, a "
        "company at 0.2 is a by-stander, and a topic has its score",
    )
    severity: float | None = Field(
        default=None,
        ge=0,
        le=MAX_SEVERITY,
        exclude_if=IS_ABSENT,
        description="How bad the news is for the subject, 0 nothing bad to 3 grave; left out where "
        "the model does not say",
    )
    story: int = Field(
        default=0,
        ge=0,
        le=(1 << 64) - 1,
        description="64-bit SimHash of the headline: near-duplicates differ in few bits; 0 is none",
    )
    lineage: str = Field(
        default="",
        description="Upstream partitions it came through, such as 2.5; each has its watermark",
    )


def lineage(headers: Sequence[tuple[str, bytes]], accepted_partition: int) -> str:
    """Return the pair of raw and accepted partitions that an accepted article came through.

    The first is empty for an article that `ingest` did not write.

    >>> lineage([(RAW_PARTITION_HEADER, b"2")], accepted_partition=5)
    '2.5'
    """
    for name, value in headers:
        if name == RAW_PARTITION_HEADER:
            return _lineage(value or b"", accepted_partition)
    return _lineage(b"", accepted_partition)


@lru_cache(_MAX_REMEMBERED)
def _lineage(raw: bytes, accepted_partition: int) -> str:
    return f"{raw.decode('ascii', 'replace')}.{accepted_partition}"
