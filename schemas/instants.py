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
_COMPACT_DATE: Final = re.compile(r"(?:19|20)\d{6}", re.ASCII)


def utc(moment: datetime) -> datetime:
    """Move an aware time to UTC.

    Raises:
        ValueError: it lies outside what Python can represent.
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
"""The same, of news: from `EARLIEST` to `LATEST`."""


def instant(value: JsonValue, field: str) -> datetime:
    """Read a producer's time as UTC.

    Raises:
        Invalid: it is no time, or lies before `EARLIEST` or not before `LATEST`.
    """
    moment = _read(value, field)
    if EARLIEST <= moment < LATEST:
        return moment
    raise Invalid(field, f"is in the year {moment.year}, outside 1970 to 2100", _REMEDY)


def _read(value: JsonValue, field: str) -> datetime:
    if isinstance(value, str):
        return _from_text(value.strip(), field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(field, f"is no time but {type(value).__name__}", _REMEDY)
    return _from_number(value, field)


def _from_number(number: float, field: str) -> datetime:
    unit = "milliseconds" if abs(number) >= _MILLISECONDS_FROM else "seconds"
    try:
        return EARLIEST + timedelta(**{unit: number})
    except OverflowError:
        raise Invalid(field, "is a number too large for a time", _REMEDY) from None


def _from_text(text: str, field: str) -> datetime:
    try:
        if iso := _ISO.fullmatch(text):
            return _from_iso(iso)
        if _RFC_2822.fullmatch(text):
            return _assumed_utc(parsedate_to_datetime(text))
    except ValueError:
        raise _unreadable(text, field) from None
    if _NUMBER.fullmatch(text):
        return _from_number(float(text) if "." in text else int(text), field)
    raise _unreadable(text, field)


def _from_iso(match: re.Match[str]) -> datetime:
    zone = "+00:00" if match[2] else match[3] or ""
    return _assumed_utc(datetime.fromisoformat(match[1] + zone))


def _assumed_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else utc(moment)


def _unreadable(text: str, field: str) -> Refusal:
    return Invalid(field, f"looks like {excerpt(text)}, which is no time we know", _REMEDY)
