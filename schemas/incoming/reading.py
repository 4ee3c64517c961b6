"""Read records of `news.raw`: each item of a record becomes an article, or is refused."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from schemas.article import Article
from schemas.incoming.decode import MAX_BYTES, claimed_source, decode
from schemas.refusal import Refusal

MAX_ITEMS: Final = 1_000
"""Articles that one record may hold in an array."""


class Warning(NamedTuple):  # noqa: A001 - the glossary's word for it
    """A problem of one field that did not cost the article."""

    field: str
    problem: str

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}"


class Reading(NamedTuple):
    """One article that a record holds, and how it was read.

    Attributes:
        article: The article.
        warnings: The problems that did not cost it, in the order of reading.
        published_from: The name of the field that the time was read from; "ce_time" if the event's.
        identity_from: "header", "id", "url", "content" or "event".
    """

    article: Article
    warnings: tuple[Warning, ...] = ()
    published_from: str = ""
    identity_from: str = ""


class Refused(NamedTuple):
    """One item that can't be read, and the source that it names; empty if unknown."""

    refusal: Refusal
    source: str = ""


class Profile(NamedTuple):
    """How the records of one feed are read."""

    name: str


Profiles = Mapping[str, Profile]


@cache
def shipped() -> Profiles:
    """Return the profiles that come with Newsquake, by name."""
    return {}


def read_record(
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
    profiles: Profiles | None = None,
    topic: str = "",
    max_bytes: int = MAX_BYTES,
) -> list[Reading | Refused]:
    """Return what a record holds, item by item; total for any bytes and headers.

    Args:
        value: The record's value.
        headers: Its headers.
        profiles: The profiles that it may be read with; those that are shipped if None.
        topic: The topic that it stands on, which may have a profile of its own.
        max_bytes: The size of a value from which it is refused.
    """
    del profiles, topic
    try:
        article = decode(value, headers, max_bytes)
    except Refusal as refusal:
        return [Refused(refusal, claimed_source(value, headers, max_bytes))]
    return [Reading(article)]
