"""One value of a feed as a point in time."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

from pydantic import JsonValue

from schemas.incoming.times.numbers import UnreadableTime, from_number
from schemas.incoming.times.texts import from_text
from schemas.instants import EARLIEST, LATEST
from schemas.refusal import Invalid

REMEDY: Final = (
    "send ISO 8601 (2026-01-31T09:30:00Z), RFC 2822, or Unix time in seconds or milliseconds"
)
NO_ZONE: Final = "has no zone; taken as UTC"
NO_TIME: Final = "is a day without a time; taken as 00:00 UTC"
_ZERO_TEXTS: Final = ("0000-", "0001-01-01", "1970-01-01", "1899-12-3", "1900-01-0", "9999-12-31")
_DAY_CHARACTERS: Final = 10
_NANOSECONDS: Final = 1_000_000_000
_WRAPPERS: Final = ("$date", "#text", "value", "$numberLong", "_", "date", "$t", "iso")
_LIST_LENGTHS: Final = range(3, 10)
"""Year, month, day and more, as Java's Jackson and Python's `struct_time` write a time."""


class Moment(NamedTuple):
    """A time, in UTC, and what is doubtful about it; empty if nothing is."""

    time: datetime
    doubt: str = ""


def moment(
    value: JsonValue, own: tzinfo | None = None, formats: Sequence[str] = ()
) -> Moment | None:
    """Return the time of ``value``; None if it stands for a missing one, as 0 and 1970-01-01 do.

    Raises:
        UnreadableTime: it is no time, or not one from 1970 to 2100.
    """
    if isinstance(value, str):
        # The commonest form first, by the standard library alone.
        if value[4:5] == "-" and value[10:11] in {"T", " "} and value.isascii():
            try:
                return _checked(datetime.fromisoformat(value), own, value)
            except ValueError:
                pass
        text = value.strip()
        if text.strip("0. ") == "" or (not text.isprintable()):
            return None
        return _checked(from_text(text, own, formats), own, text)
    if isinstance(value, bool):
        raise UnreadableTime("is no time but a boolean")
    if isinstance(value, int | float):
        if not value:
            return None
        time, is_naive = from_number(value)
        return _checked(time, own, str(value) if is_naive else "")
    return _from_structure(value, own, formats)


def instant(value: JsonValue, field: str) -> datetime:
    """Read a time of a file of numbers or events as UTC.

    Raises:
        Invalid: `value` is no time, or lies before 1970 or after 2100.
    """
    try:
        result = moment(value)
    except UnreadableTime as error:
        raise Invalid(field, str(error), REMEDY) from None
    if result is None:
        raise Invalid(field, "is a zero value, no time", REMEDY)
    return result.time


def _checked(time: datetime, own: tzinfo | None, text: str) -> Moment | None:
    if text.startswith(_ZERO_TEXTS) or time.year == 1:
        return None
    doubt = ""
    if time.tzinfo is None:
        if own is None:
            doubt = NO_TIME if len(text) <= _DAY_CHARACTERS and ":" not in text else NO_ZONE
        time = time.replace(tzinfo=own or UTC)
    if time.tzinfo is not UTC:
        try:
            time = time.astimezone(UTC)
        except (OverflowError, ValueError):
            raise UnreadableTime("is out of range") from None
    if EARLIEST <= time < LATEST:
        return Moment(time, doubt)
    raise UnreadableTime(f"is in the year {time.year}, outside 1970 to 2100")


def _from_structure(value: JsonValue, own: tzinfo | None, formats: Sequence[str]) -> Moment | None:
    if isinstance(value, list):
        if len(value) == 1:
            return moment(value[0], own, formats)
        if len(value) in _LIST_LENGTHS and all(type(part) is int for part in value):
            year, month, day, *clock = (int(str(part)) for part in value)
            hour, minute, second = (*clock, 0, 0, 0)[:3]
            text = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
            return _checked(from_text(text), own, text)
    if isinstance(value, dict):
        for name in ("seconds", "_seconds", "epochSecond"):
            if isinstance(value.get(name), int | str):
                return moment(value[name], own)
        for name in _WRAPPERS:
            if value.get(name) is not None and value is not value[name]:
                return moment(value[name], own, formats)
    if not value:
        return None
    raise UnreadableTime(f"is no time but {'a list' if isinstance(value, list) else 'an object'}")
