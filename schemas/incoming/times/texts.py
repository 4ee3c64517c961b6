"""Times as texts: ISO 8601, RFC 822 in its dialects, and what JavaScript, Java and Go print."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

from schemas.incoming.times.numbers import UnreadableTime, from_number
from schemas.incoming.times.zones import zone_named
from schemas.refusal import excerpt

_MAX_CHARACTERS: Final = 80
_NUMBER: Final = re.compile(r"[+-]?\d{1,19}(?:\.\d{0,9}(?:[eE]\+?\d{1,2})?)?", re.ASCII)
_CLOCK: Final = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_ZONE: Final = (
    r"(?: ?(?P<zone>[A-Za-z]{1,5}(?:/[\w/+-]+)?|(?:GMT|UTC?)? ?[+-]\d{1,2}:?(?:\d\d)?)"
    r"(?: ?(?:Z|UTC))?)?"
)
_DAY_FIRST: Final = (
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<month>[A-Za-z]{3,9})\.?,?[ -](?P<year>\d{4}|\d\d)"
)
_MONTH_FIRST: Final = (
    r"(?P<month>[A-Za-z]{3,9})\.?[ -](?P<day>\d{1,2})(?:st|nd|rd|th)?,?[ -](?P<year>\d{4}|\d\d)"
)
_WEEKDAY: Final = r"(?:[A-Za-z]{3,9}\.?,? )?"
_TIME: Final = rf"(?:,? (?:at )?{_CLOCK}{_ZONE})?"
_PATTERNS: Final = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        (
            r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})"
            rf"(?:[Tt ] ?{_CLOCK}{_ZONE})?"
        ),
        (
            r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)[-Tt ]"
            rf"(?:{_CLOCK}|(?P<h>\d\d)(?P<m>\d\d)(?P<s>\d\d)?(?:[.,]\d{{1,9}})?){_ZONE}"
        ),
        _WEEKDAY + _DAY_FIRST + _TIME,
        _WEEKDAY + _MONTH_FIRST + _TIME,
        (
            rf"{_WEEKDAY}(?P<month>[A-Za-z]{{3,9}}) +(?P<day>\d{{1,2}}) {_CLOCK}"
            r"(?: (?P<zone>[A-Z]{1,5}|[+-]\d{4}))? (?P<year>\d{4})"
        ),
        rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})(?:,? {_CLOCK}{_ZONE})?",
    )
)
"""ISO extended, ISO basic, RFC 822, American, asctime, day.month.year."""
_ORDINAL: Final = re.compile(r"(\d{4})-?(\d{3})(?:[T ](.+))?", re.ASCII)
_WEEK: Final = re.compile(r"\d{4}-?W\d\d-?\d(?:[T ].+)?", re.ASCII)
_SLASHES: Final = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}(?: .*)?", re.ASCII)
_JSON_DATE: Final = re.compile(r"\\?/Date\((\d{1,16})(?:[+-]\d{4})?\)\\?/", re.ASCII)
_COMMENT: Final = re.compile(r" ?(?:\([^()]*\)|m=[+-][\d.]+)$")
_IN_BRACKETS: Final = re.compile(r"\[([\w/+-]+)\]$", re.ASCII)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                  "dec")  # fmt: skip
_FULL_MONTHS: Final = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "sept",
    ]
)
_LATEST_YEAR_OF_2000: Final = 49
"""RFC 2822: of years with two digits, those above are of the last century."""


def from_text(text: str, own: tzinfo | None = None, formats: Sequence[str] = ()) -> datetime:
    """Return the time that ``text`` says, without a zone where it names none.

    Args:
        text: The time.
        own: The source's zone, which decides what an ambiguous abbreviation means.
        formats: The source's own formats of `datetime.strptime`, which are tried first.

    Raises:
        UnreadableTime: it is none, or could be read in several ways.
    """
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - its zone comes later
        except ValueError:
            continue
    if len(text) > _MAX_CHARACTERS or not text.isascii():
        raise _unknown(text)
    if _NUMBER.fullmatch(text):
        number = float(text) if "." in text else int(text)
        return from_number(number)[0]
    if milliseconds := _JSON_DATE.fullmatch(text):
        return from_number(int(milliseconds[1]))[0]
    if _SLASHES.fullmatch(text):
        problem = "may be day or month first"
        raise UnreadableTime(f"looks like {excerpt(text)}, which {problem}: set its format")
    try:
        return _parsed(" ".join(_COMMENT.sub("", text).split()), own)
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, UnreadableTime) else _unknown(text) from None


def _parsed(text: str, own: tzinfo | None) -> datetime:
    region = _IN_BRACKETS.search(text)
    if region:
        moment = _parsed(text[: region.start()], own)
        place = zone_named(region[1], None, moment)
        return moment.replace(tzinfo=place) if moment.tzinfo is None else moment
    if _WEEK.fullmatch(text):
        return datetime.fromisoformat(text)
    if ordinal := _ORDINAL.fullmatch(text):
        day = datetime(int(ordinal[1]), 1, 1) + timedelta(int(ordinal[2]) - 1)  # noqa: DTZ001 - as above
        if day.year != int(ordinal[1]):
            raise _unknown(text)
        return _parsed(f"{day:%Y-%m-%d}T{ordinal[3]}", own) if ordinal[3] else day
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(text):
            return _assembled(match.groupdict(), text, own)
    raise _unknown(text)


def _assembled(found: dict[str, str | None], text: str, own: tzinfo | None) -> datetime:
    """Return the time of a match's groups."""
    year = int(found["year"] or 0)
    if len(found["year"] or "") == 2:  # noqa: PLR2004 - digits
        year += 2000 if year <= _LATEST_YEAR_OF_2000 else 1900
    month = _month(found["month"] or "", text)
    hour, minute = (int(found.get(name) or found.get(name[0]) or 0) for name in ("hour", "minute"))
    second = int(found.get("second") or found.get("s") or 0)
    if half := found.get("half"):
        if not 1 <= hour <= 12:  # noqa: PLR2004 - hours of half a day
            raise _unknown(text)
        hour = hour % 12 + 12 * (half in "pP")
    microsecond = int(((found.get("fraction") or "") + "000000")[:6])
    leap = second == 60  # noqa: PLR2004 - a leap second
    midnight = hour == 24 and minute == second == 0  # noqa: PLR2004 - the end of a day
    moment = datetime(  # noqa: DTZ001 - the zone comes next
        year, month, int(found["day"] or 0), hour * (not midnight), minute, second - leap,
        microsecond,
    ) + timedelta(days=midnight)  # fmt: skip
    if name := found.get("zone"):
        place = zone_named(name, own, moment)
        if place is None:
            raise UnreadableTime(f"names the zone {excerpt(name)}, which is unknown or ambiguous")
        return moment.replace(tzinfo=place)
    return moment


def _month(text: str, whole: str) -> int:
    if text.isdigit():
        return int(text)
    low = text.lower()
    if low[:3] in _MONTHS and (len(low) == 3 or low in _FULL_MONTHS):  # noqa: PLR2004 - letters
        return _MONTHS.index(low[:3]) + 1
    raise _unknown(whole)


def _unknown(text: str) -> UnreadableTime:
    return UnreadableTime(f"looks like {excerpt(text)}, which is no time we know")
