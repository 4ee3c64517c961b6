"""One value of a feed as a point in time."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final
from unicodedata import combining, normalize

import msgspec
from pydantic import JsonValue

from schemas.incoming.placeholders import is_nothing
from schemas.incoming.times.numbers import UnreadableTime, from_number, is_zero
from schemas.incoming.times.structures import simplified
from schemas.incoming.times.texts import from_text
from schemas.incoming.times.zones import zone_of
from schemas.instants import EARLIEST, LATEST
from schemas.refusal import Invalid

REMEDY: Final = (
    "send ISO 8601 (2026-01-31T09:30:00Z), RFC 2822, or Unix time in seconds or milliseconds"
)
NO_ZONE: Final = "has no zone; taken as UTC"
NO_TIME: Final = "is a day without a time; taken as 00:00 UTC"
_NO_TIME_THERE: Final = "is a day without a time; taken as 00:00 in the zone of its source"
_TWICE: Final = "is twice on that day, when clocks go back; taken as the first"
_NEVER: Final = "is skipped on that day, when clocks go forward; taken as an hour later"
_ZERO_DAYS: Final = frozenset(
    {
        (1, 1, 1), (1601, 1, 1), (1753, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1),
        (1969, 12, 31), (1970, 1, 1), (9999, 12, 31),
    }
)  # fmt: skip
"""First and last days of what programs can name, which they write where there is no time."""
_ZERO_TEXTS: Final = ("0000", "0001", "1900-01-0")
_DAY_CHARACTERS: Final = 10
_FIRST_YEAR: Final = EARLIEST.year
_END_YEAR: Final = LATEST.year
_MAX_LEVELS: Final = 4
_INVISIBLE: Final = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f"))
_MINUS: Final = {0x2212: "-", 0x2013: "-"}


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A time, in UTC, and what is doubtful about it; empty if nothing is."""

    time: datetime
    doubt: str = ""

    @property
    def is_day(self) -> bool:
        """Whether it is a day without a time of day."""
        return self.doubt in {NO_TIME, _NO_TIME_THERE}


def moment(
    value: JsonValue,
    own: tzinfo | None = None,
    formats: Sequence[str] = (),
    _levels: int = _MAX_LEVELS,
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
        text = value.strip() if value.isascii() else without_accents(value)
        if is_nothing(text) or text.strip("0. :-/T") == "" or text.startswith(_ZERO_TEXTS):
            return None
        time = from_text(text, own, formats)
        return _checked(time, own, text)
    if isinstance(value, int | float):
        return _of_number(value, own)
    if value is None or not _levels:
        return None
    simpler = simplified(value)
    return moment(simpler.value, zone_of(simpler.zone) or own, formats, _levels - 1)


def _of_number(value: float, own: tzinfo | None) -> Moment | None:
    if isinstance(value, bool):
        raise UnreadableTime("is no time but a boolean")
    if is_zero(value):
        return None
    time, is_naive = from_number(value)
    return _checked(time, own, str(value) if is_naive else "")


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
    is_odd = not _FIRST_YEAR < time.year < _END_YEAR
    if is_odd and (time.year, time.month, time.day) in _ZERO_DAYS:
        return None
    doubt = ""
    if time.tzinfo is None:
        is_day = len(text) <= _DAY_CHARACTERS and ":" not in text
        if own is None:
            doubt = NO_TIME if is_day else NO_ZONE
            time = time.replace(tzinfo=UTC)
        else:
            time = time.replace(tzinfo=own)
            doubt = _NO_TIME_THERE if is_day else doubt_of_clocks(time)
    if time.tzinfo is not UTC:
        try:
            time = time.astimezone(UTC)
        except (OverflowError, ValueError):
            raise UnreadableTime("is out of range") from None
    if is_odd and (time.year, time.month, time.day) in _ZERO_DAYS:
        return None
    if EARLIEST <= time < LATEST:
        return Moment(time, doubt)
    raise UnreadableTime(f"is in the year {time.year}, outside 1970 to 2100")


def doubt_of_clocks(time: datetime) -> str:
    """Return what is doubtful about a local time in an hour in which clocks are changed."""
    first, second = time.utcoffset(), time.replace(fold=1).utcoffset()
    if first is None or second is None or first == second:
        return ""
    return _TWICE if first > second else _NEVER


def without_accents(text: str) -> str:
    """Return ``text`` without accents, odd spaces and what cannot be seen."""
    decomposed = normalize("NFKD", text.translate(_INVISIBLE).translate(_MINUS))
    return "".join(character for character in decomposed if not combining(character)).strip()
