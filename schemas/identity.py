"""Identities of articles and alerts, from their content alone, so that copies are recognised.

Each form is hashed under its own name: an event's (source, id) never equals a body's (source, id).
SHA-256 cut to 128 bits: two of 10^12 articles meet by chance once in 10^14 archives.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

import orjson
from pydantic import JsonValue

from schemas.instants import utc
from schemas.refusal import Invalid

HEADER: Final = "idempotency-key"
MAX_KEY_CHARACTERS: Final = 200


class Pair(NamedTuple):
    """An id and the source within which it is unique."""

    source: str
    id: str


class Content(NamedTuple):
    """The fields that identify an article without an id."""

    source: str
    url: str | None
    headline: str
    published: datetime


def idempotency_key(
    header: bytes | None, event: Pair | None, body: Pair | None, content: Content
) -> str:
    """Choose the strongest identity there is: header, CloudEvents id, body's id, content.

    Returns:
        The header's text as it is, else 32 hexadecimal digits.

    Raises:
        Invalid: the header is not 1 to `MAX_KEY_CHARACTERS` printable characters of UTF-8.
    """
    if header is not None:
        key = header.decode("utf-8", "replace")
        if 1 <= len(key) <= MAX_KEY_CHARACTERS and key.isprintable() and "\ufffd" not in key:
            return key
        raise Invalid(
            f"header {HEADER}",
            "is empty, too long or not printable UTF-8",
            f"send 1 to {MAX_KEY_CHARACTERS} printable characters, or no such header",
        )
    if event is not None:
        return _digest("event", *event)[:32]
    if body is not None:
        return _digest("body", *body)[:32]
    form, text = ("url", content.url) if content.url else ("headline", content.headline)
    return _digest(form, content.source, text, content.published.isoformat())[:32]


def body_identity(body: Mapping[str, JsonValue], source: str) -> Pair | None:
    """Return the body's own identity: its source and id, or None if it lacks one of them.

    Ids of a feed that does not name itself may collide, so they are not used.

    Raises:
        Invalid: the id is neither text nor an integer of 64 bits.
    """
    value = body.get("id")
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Invalid("id", "is neither text nor an integer of 64 bits", "send id as a JSON string")
    return Pair(source, str(value)) if source else None


def alert_id(subject: str, rule: str, onset: datetime) -> str:
    """Return 16 hexadecimal digits, equal for an equal subject, rule version and onset (aware)."""
    return _digest("alert", subject, rule, utc(onset).isoformat())[:16]


def _digest(form: str, *fields: str) -> str:
    # A JSON list keeps the fields apart: joined text would let ("a", "bc") equal ("ab", "c").
    return sha256(orjson.dumps(["newsquake", form, *fields])).hexdigest()
