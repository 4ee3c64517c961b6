"""Times as texts: ISO 8601, RFC 822 in its dialects, and what JavaScript, Java and Go print."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from schemas.incoming.times.numbers import UnreadableTime, from_number, is_zero
from schemas.incoming.times.zones import zone_named
from schemas.instants import EARLIEST
from schemas.refusal import excerpt

_MAX_CHARACTERS: Final = 80
_NUMBER: Final = re.compile(r"[+-]?\d{1,19}(?:\.\d{0,18}(?:[eE]\+?\d{1,2})?)?", re.ASCII)
_CLOCK: Final = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{1,2})"
    r"(?:[:.](?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9})\d*)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\b\.?)?"
)
_OFFSET: Final = r"(?:GMT|UTC?)? ?[+-]\d{1,2}:?(?:\d\d)?"
_ZONE: Final = (
    r"(?: ?(?:(?P<zone>[A-Za-z]{1,20}/[\w/+-]+|[A-Za-z]{1,5}|(?:[A-Za-z]{3,12} ){1,3}[Tt]ime)"
    rf"|(?P<offset>{_OFFSET})(?: ?(?:[A-Za-z]{{1,5}}|[+-]\d{{4}}))?))?"
)
"""A zone by its name, or an offset, after which its name says the same again."""
_DAY_FIRST: Final = (
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.)?[ -](?:de )?(?P<month>[A-Za-z]{3,10})\.?,?"
    r"[ -](?:de )?(?P<year>\d{4}|\d\d)"
)
_MONTH_FIRST: Final = (
    r"(?P<month>[A-Za-z]{3,10})\.?[ -](?P<day>\d{1,2})(?:st|nd|rd|th)?,?[ -](?P<year>\d{4}|\d\d)"
)
_YEAR_FIRST: Final = (
    r"(?P<year>\d{4})(?P<between>[-/.])(?P<month>\d{1,2})(?P=between)(?P<day>\d{1,2})"
)
_COMPACT: Final = r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
_COMPACT_CLOCK: Final = r"(?P<h>\d\d)(?P<m>\d\d)(?:(?P<s>\d\d)(?:[.,](?P<part>\d{1,9})\d*)?)?"
_WEEKDAY: Final = r"(?:[A-Za-z]{2,10}(?:\.?, ?|\.? ))?"
_TIME: Final = rf"(?:,? (?:at )?{_CLOCK}{_ZONE})?"
_TIME_FIRST: Final = rf"{_CLOCK}{_ZONE},? (?:on )?{_WEEKDAY}"
_PATTERNS: Final = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"{_YEAR_FIRST}(?:(?:[Tt] ?|_|,? (?:at )?|-(?=\d\d\.\d\d\.)){_CLOCK}{_ZONE})?",
        rf"{_YEAR_FIRST}(?P<zone>Z|[+-]\d\d:\d\d)",
        rf"{_COMPACT}(?:[-_Tt ](?:{_CLOCK}|{_COMPACT_CLOCK})|[Tt](?P<o>\d\d)){_ZONE}",
        rf"{_COMPACT}(?:{_COMPACT_CLOCK})?(?P<zone>Z|[+-]\d\d:?\d\d)",
        _WEEKDAY + _DAY_FIRST + _TIME,
        _WEEKDAY + _MONTH_FIRST + _TIME,
        (
            rf"{_WEEKDAY}(?P<month>[A-Za-z]{{3,9}}) (?P<day>\d{{1,2}}) {_CLOCK}{_ZONE} "
            r"(?P<year>\d{4})"
        ),
        rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})(?:,? {_CLOCK}{_ZONE})?",
        _TIME_FIRST + _DAY_FIRST,
        _TIME_FIRST + _MONTH_FIRST,
        _TIME_FIRST + _YEAR_FIRST,
    )
)
"""ISO extended, its day with a zone, ISO basic, digits with a zone, RFC 822, American, asctime,
day.month.year, and the time before the day.
"""
_ORDINAL: Final = re.compile(r"(\d{4})-?(\d{3})(?:[T ](.+))?", re.ASCII)
_WEEK: Final = re.compile(r"\d{4}-?W\d\d-?\d(?:[T ].+)?", re.ASCII)
_SLASHES_INSIDE: Final = re.compile(r"\b\d{1,2}([/-])\d{1,2}\1\d{2,4}\b", re.ASCII)
_JSON_DATE: Final = re.compile(r"\\?/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\\?/", re.ASCII)
_CALL: Final = re.compile(r"(?:\w+\.)*(?:Timestamp|ISODate|datetime|date)\((.*)\)", re.ASCII)
"""What Python, pandas and the shell of MongoDB print."""
_ARGUMENTS: Final = re.compile(
    r"(?:['\"](?P<text>[^'\"]+)['\"]|(?P<numbers>\d+(?:, ?\d+){2,6}))"
    r"(?:, ?(?:tz|tzinfo)=(?P<zone>.+))?"
)
_COMMENT: Final = re.compile(r" ?(?:\(([^()]*)\)|m=[+-][\d.]+|\[u-ca=\w+\])$")
_ZONE_IN_COMMENT: Final = re.compile(rf"[A-Z]{{1,5}}|{_OFFSET}", re.ASCII)
_IN_BRACKETS: Final = re.compile(r"\[([\w/+-]+)\]$", re.ASCII)
_MONTHS: Final = (
    "jan january januar janner januari janv janvier enero ene gennaio gen janeiro",
    "feb february februar februari fev fevr fevrier febrero febbraio fevereiro",
    "mar march marz maerz mrz maart mrt mars marzo marco",
    "apr april avr avril abr abril aprile",
    "may mai mei mayo maggio mag maio",
    "jun june juni juin junio giugno giu junho",
    "jul july juli juil juillet julio luglio lug julho",
    "aug august augustus aout agosto ago",
    "sep sept september septembre septiembre settembre sett set setembro",
    "oct october oktober okt octobre octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec december dezember dez decembre diciembre dicembre dic dezembro",
)
"""Names of the months without accents, English ones first."""
_MONTH_NUMBERS: Final = {
    name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()
}
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
        return _of_number(float(text) if "." in text else int(text))
    if milliseconds := _JSON_DATE.fullmatch(text):
        return _of_number(int(milliseconds[1]))
    try:
        if call := _CALL.fullmatch(text):
            return _of_call(call[1], text, own)
        return _parsed(" ".join(text.split()), own)
    except (ValueError, OverflowError) as error:
        if not isinstance(error, UnreadableTime):
            error = _unknown(text)
        raise error from None


def _of_number(number: float) -> datetime:
    return EARLIEST if is_zero(number) else from_number(number)[0]


def _of_call(arguments: str, text: str, own: tzinfo | None) -> datetime:
    """Return the time of a call such as ``datetime.datetime(2026, 1, 31, tzinfo=utc)``."""
    found = _ARGUMENTS.fullmatch(arguments)
    if found is None:
        raise _unknown(text)
    if found["text"]:
        moment = _parsed(found["text"], own)
    else:
        moment = datetime(*map(int, found["numbers"].split(",")))  # type: ignore[arg-type] # noqa: DTZ001 - as above
    name = (found["zone"] or "").strip("'\"<>")
    if not name or moment.tzinfo is not None:
        return moment
    place = UTC if "utc" in name.lower() else zone_named(name, own, moment)
    if place is None:
        raise _unknown(text)
    return moment.replace(tzinfo=place)


def _parsed(text: str, own: tzinfo | None) -> datetime:
    if comment := _COMMENT.search(text):
        moment = _parsed(text[: comment.start()], own)
        if moment.tzinfo is None and _ZONE_IN_COMMENT.fullmatch(comment[1] or ""):
            return _placed(moment, comment[1], own)
        return moment
    if region := _IN_BRACKETS.search(text):
        moment = _parsed(text[: region.start()], own)
        place = zone_named(region[1], None, moment)
        return moment.replace(tzinfo=place) if moment.tzinfo is None else moment
    if _WEEK.fullmatch(text):
        return datetime.fromisoformat(text)
    if ordinal := _ORDINAL.fullmatch(text):
        day = datetime(int(ordinal[1]), 1, 1) + timedelta(int(ordinal[2]) - 1)  # noqa: DTZ001 - as above
        if day.year != int(ordinal[1]):
            raise _unknown(text)
        form = "%Y-%m-%d" if ":" in text else "%Y%m%d"
        return _parsed(f"{day:{form}}T{ordinal[3]}", own) if ordinal[3] else day
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
    hour = int(found.get("hour") or found.get("h") or found.get("o") or 0)
    minute = int(found.get("minute") or found.get("m") or 0)
    second = int(found.get("second") or found.get("s") or 0)
    if half := found.get("half"):
        if not 1 <= hour <= 12:  # noqa: PLR2004 - hours of half a day
            raise _unknown(text)
        hour = hour % 12 + 12 * (half in "pP")
    fraction = found.get("fraction") or found.get("part") or ""
    leap = second == 60  # noqa: PLR2004 - a leap second
    midnight = hour == 24 and minute == second == 0  # noqa: PLR2004 - the end of a day
    moment = datetime(  # noqa: DTZ001 - the zone comes next
        year, month, int(found["day"] or 0), hour * (not midnight), minute, second - leap,
        int((fraction + "000000")[:6]),
    ) + timedelta(days=midnight)  # fmt: skip
    name = found.get("zone") or found.get("offset")
    return _placed(moment, name, own) if name else moment


def _placed(moment: datetime, name: str, own: tzinfo | None) -> datetime:
    """Return ``moment`` in the zone that is called ``name``."""
    place = zone_named(name, own, moment)
    if place is None:
        raise UnreadableTime(f"names the zone {excerpt(name)}, which is unknown or ambiguous")
    return moment.replace(tzinfo=place)


def _month(text: str, whole: str) -> int:
    if text.isdigit():
        return int(text)
    number = _MONTH_NUMBERS.get(text.lower())
    if number is None:
        raise _unknown(whole)
    return number


def _unknown(text: str) -> UnreadableTime:
    if _SLASHES_INSIDE.search(text):
        problem = "may be day or month first"
        return UnreadableTime(f"looks like {excerpt(text)}, which {problem}: set its format")
    return UnreadableTime(f"looks like {excerpt(text)}, which is no time we know")
