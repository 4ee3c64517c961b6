"""Ids of items and events: which of them identify an article."""

import re
from typing import Final

from pydantic import JsonValue

from schemas.identity import Pair
from schemas.incoming.fields import Fields
from schemas.incoming.placeholders import is_nothing

UNKNOWN: Final = "unknown"
"""The source of items that name none, which have no URL either."""
_RANDOM: Final = re.compile(
    r"(?:urn:uuid:)?\{?[\da-f]{8}-?[\da-f]{4}-?[124-7][\da-f]{3}-?[89ab][\da-f]{3}-?[\da-f]{12}\}?",
    re.IGNORECASE,
)
"""UUIDs that libraries make anew for each event; those of version 3, 5 and 8 follow from a name."""
_OTHERS_RANDOM: Final = re.compile(
    r"[0-7][\dA-HJKMNP-TV-Z]{25}|[\da-f]{24}|c[\da-z]{24}|[\da-v]{20}|\d{13}-\d+"
)
"""ULID, ObjectId, cuid, xid and the ids of Redis streams."""
_MIXED: Final = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?:[\w-]{21}|[\dA-Za-z]{27})", re.ASCII)
"""Nano ID and KSUID."""
NO_ID: Final = frozenset(
    {"0", "0.0", "false", "true", "False", "True", "00000000-0000-0000-0000-000000000000"}
)
"""Texts in the place of an id that are none."""
_MIN_GLOBAL_CHARACTERS: Final = 16
_WRAPPERS: Final = (
    "#text", "$oid", "_", "$t", "$", "@value", "value", "rendered", "$numberLong", "string", "long",
    "$uuid",
)  # fmt: skip


def is_random(event_id: str) -> bool:
    """Return whether an event's id is made anew each time that something is sent."""
    forms = (_RANDOM, _OTHERS_RANDOM, _MIXED)
    return any(form.fullmatch(event_id) is not None for form in forms)


def is_global(identifier: str) -> bool:
    """Return whether an id is unique without its source, as URIs and long hashes are."""
    return len(identifier) >= _MIN_GLOBAL_CHARACTERS or identifier.startswith(("http", "tag:"))


def own_id(fields: Fields) -> str:
    """Return the item's own id as text; empty if it has none that can be used. It stays in extra.

    0 and placeholders are none, nor are integers beyond 64 bits, which JSON readers round.
    """
    for name in fields.names.get("id", ()):
        value = fields.get(name)
        identifier = _text(value)
        if identifier and identifier not in NO_ID and not is_nothing(identifier):
            return identifier
        if value not in (None, "", [], {}):
            fields.warn(name[:64], "is no id, and is ignored")
    return ""


def pair(fields: Fields, identifier: str, source: str) -> Pair | None:
    """Return the item's own identity; None if it has no id that is unique within its source."""
    if not identifier:
        return None
    if source != UNKNOWN:
        return Pair(source, identifier)
    if is_global(identifier):
        return Pair("", identifier)
    fields.warn("id", "is ignored, since no source is named within which it is unique")
    return None


def _text(value: JsonValue) -> str:  # noqa: PLR0911 - one for each type of JSON
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1 << 53 else ""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        for name in _WRAPPERS:
            if isinstance(value.get(name), str | int):
                return _text(value[name])
    elif isinstance(value, list) and len(value) == 1:
        return _text(value[0])
    return ""
