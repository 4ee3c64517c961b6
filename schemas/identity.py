"""Identities of articles and alerts, from their content alone, so that copies are recognised.

Each form is hashed under its own name: an event's (source, id) never equals a body's (source, id).
SHA-256 cut to 128 bits: two of 10^12 articles meet by chance once in 10^14 archives.
"""

from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

import orjson

from schemas.instants import utc
from schemas.refusal import Invalid

HEADER: Final = "idempotency-key"
MAX_KEY_CHARACTERS: Final = 200


class Pair(NamedTuple):
    """An id and the source within which it is unique."""

    source: str
    id: str


class Content(NamedTuple):
    """The fields that identify an article without an id and a page of its own.

    Attributes:
        source: The source that it names; empty if it names none.
        headline: The headline.
        companies: Tickers and names of the companies that the producer gives.
        day: The day of publication, UTC.
    """

    source: str
    headline: str
    companies: tuple[str, ...]
    day: str


def header_key(header: bytes, item: int | None = None) -> str:
    """Return the key that a producer chose; that of an ``item`` of several has its number.

    Raises:
        Invalid: the header is not 1 to `MAX_KEY_CHARACTERS` printable characters of UTF-8.
    """
    key = header.decode("utf-8", "replace")
    if not (1 <= len(key) <= MAX_KEY_CHARACTERS and key.isprintable() and "\ufffd" not in key):
        raise Invalid(
            f"header {HEADER}",
            "is empty, too long or not printable UTF-8",
            f"send 1 to {MAX_KEY_CHARACTERS} printable characters, or no such header",
        )
    return key if item is None else _digest("item", key, str(item))[:32]


def event_key(event: Pair) -> str:
    """Return the key of an article that only its event's id identifies."""
    return _digest("event", *event)[:32]


def id_key(body: Pair) -> str:
    """Return the key of an article with an id of its own."""
    return _digest("body", *body)[:32]


def page_key(page: str, day: str) -> str:
    """Return the key of an article with a page of its own; other days have other articles."""
    return _digest("page", page, day)[:32]


def content_key(content: Content) -> str:
    """Return the key of an article that only its content identifies."""
    companies = sorted({name.casefold() for name in content.companies})
    return _digest("content", content.source, content.headline, content.day, *companies)[:32]


def alert_id(subject: str, rule: str, onset: datetime) -> str:
    """Return 16 hexadecimal digits, equal for an equal subject, rule version and onset (aware)."""
    return _digest("alert", subject, rule, utc(onset).isoformat())[:16]


def silence_id(kind: str, target: str, who: str, since: datetime) -> str:
    """Return 12 hexadecimal digits, equal for the same word of a person about a subject or alert.

    >>> from datetime import UTC
    >>> silence_id("silence", "company:ACME", "ada", datetime(2026, 3, 3, tzinfo=UTC))
    '197d36a70726'
    """
    return _digest("silence", kind, target, who, utc(since).isoformat())[:12]


def _digest(form: str, *fields: str) -> str:
    # A JSON list keeps the fields apart: joined text would let ("a", "bc") equal ("ab", "c").
    return sha256(orjson.dumps(["newsquake", form, *fields])).hexdigest()
