"""Points in time: UTC on our side, whatever feeds write on the other.

Feeds write ISO 8601 and RFC 3339, RFC 822 and 2822 (RSS), or Unix time in seconds or milliseconds.
A time without a zone is taken as UTC. Zone names other than those of RFC 822 are refused, not
guessed: RFC 2822 reads them as UTC, which would move an article by hours without a word.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, JsonValue

from schemas.refusal import Invalid, Refusal, excerpt

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2101, 1, 1, tzinfo=UTC)
"""Exclusive. Times outside are a producer's defect: zero values, or a wrong unit."""

_MILLISECONDS_FROM: Final = 100_000_000_000
"""A number this large is milliseconds: as seconds it would be the year 5138."""
_REMEDY: Final = (
    "send ISO 8601 (2026-01-31T09:30:00Z), RFC 2822, or Unix time in seconds or milliseconds"
)
_ISO: Final = re.compile(
    r"(\d{4}-?\d\d-?\d\d(?:[Tt ]\d\d(?::?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?)?)?)"
    r"(?: ?([Zz]|UTC|GMT)| ?([+-]\d\d(?::?\d\d)?))?",
    re.ASCII,
)
_RFC_2822: Final = re.compile(
    r"(?:[A-Za-z]{3,9},? +)?\d{1,2}[ -][A-Za-z]{3,9}[ -](?:\d\d|\d{4}) +\d{1,2}:\d\d(?::\d\d)?"
    r"(?: *[+-]\d\d:?\d\d| +(?:UT|UTC|GMT|Z|[ECMPA][SD]T))?",
    re.ASCII,
)
_NUMBER: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,9})?", re.ASCII)


def utc(moment: datetime) -> datetime:
    """Move an aware time to UTC.

    Raises:
        ValueError: the result lies outside what Python can represent.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("time is out of range") from None


Instant = Annotated[AwareDatetime, AfterValidator(utc)]
"""An aware time, kept in UTC, written as ISO 8601 with Z."""


def _within(moment: datetime) -> datetime:
    if EARLIEST <= moment < LATEST:
        return moment
    raise ValueError(f"time is before {EARLIEST:%Y} or not before {LATEST:%Y}")


Published = Annotated[Instant, AfterValidator(_within)]
"""An `Instant` at which news may have been published: from `EARLIEST` to before `LATEST`."""


def instant(value: JsonValue, field: str) -> datetime:
    """Read a producer's time as UTC.

    Raises:
        Invalid: `value` is no time, or lies before `EARLIEST` or not before `LATEST`.
    """
    if isinstance(value, str):
        moment = _from_text(value.strip(), field)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(field, f"is no time but {type(value).__name__}", _REMEDY)
    else:
        moment = _from_number(value, field)
    if EARLIEST <= moment < LATEST:
        return moment
    raise Invalid(field, f"is in the year {moment.year}, outside 1970 to 2100", _REMEDY)


def _from_number(number: float, field: str) -> datetime:
    unit = "milliseconds" if abs(number) >= _MILLISECONDS_FROM else "seconds"
    try:
        return EARLIEST + timedelta(**{unit: number})
    except OverflowError:
        raise Invalid(field, "is a number too large for a time", _REMEDY) from None


def _from_text(text: str, field: str) -> datetime:
    iso = _ISO.fullmatch(text)
    if not iso and _NUMBER.fullmatch(text):
        return _from_number(float(text) if "." in text else int(text), field)
    if not iso and not _RFC_2822.fullmatch(text):
        raise _unreadable(text, field)
    try:
        if iso:
            zone = "+00:00" if iso[2] else iso[3] or ""
            moment = datetime.fromisoformat(iso[1] + zone)
        else:
            moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else utc(moment)
    except ValueError:
        raise _unreadable(text, field) from None


def _unreadable(text: str, field: str) -> Refusal:
    return Invalid(field, f"looks like {excerpt(text)}, which is no time we know", _REMEDY)
