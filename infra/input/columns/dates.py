"""Dates that say more than they show: in a format, in a zone, or in the order of a country."""

import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from infra.usage_error import UsageError
from schemas.incoming.times.numbers import UnreadableTime
from schemas.incoming.times.texts import from_text

Order = Literal["month", "day", "ambiguous", "mixed"]
"""What comes first in the dates of a column."""

NUMERIC: Final = re.compile(
    r"\s*(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(?:,?[ T]+(\S.*?))?\s*", re.ASCII
)
"""Dates such as 3/4/2026, with or without a time of day."""
_TIME: Final = re.compile(
    r"(\d{1,2})[:.h](\d\d)(?:[:.](\d\d)(?:[.,]\d+)?)?\s*([AaPp])?\.?(?:[Mm]\.?)?\s*"
    r"(Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_MONTHS: Final = 12
_HALF_DAY_HOURS: Final = 12
_CENTURY_BEGINS: Final = 70
"""Years of two digits from 70 on are of the last century, as POSIX has it."""
_FORMATS: Final = {"month": "%m/%d/%Y", "day": "%d/%m/%Y"}


class DateRule(NamedTuple):
    """How the dates of a file are read, beyond what the pipeline reads by itself.

    Attributes:
        form: A format of `datetime.strptime`; empty if none was given.
        zone: The zone of times without one; None for UTC.
        order: What comes first in numeric dates; None if there are none.
        line: The line of the date that decided the order.
    """

    form: str = ""
    zone: tzinfo | None = None
    order: Order | None = None
    line: int = 0

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.form or self.zone or self.order)

    def explicit(self, value: object) -> object:
        """Return a date as ISO 8601, with its zone if one is known; else as it is."""
        if not isinstance(value, str):
            return value
        moment = self._with_form(value) or self._numeric(value)
        if moment is None:
            if self.zone is None:
                return value
            moment = without_zone(value)
            if moment is None:
                return value
        if self.zone and moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        return moment.isoformat()

    def problem(self, value: object) -> str | None:
        """Return why a date can't be read; None if the pipeline should try."""
        numeric = NUMERIC.fullmatch(value) if isinstance(value, str) else None
        if not numeric or self.form or self.order is None or not isinstance(value, str):
            return None
        shown = f"published is {value.strip()!r}"
        if self.order in _FORMATS:
            return (
                None
                if self._numeric(value)
                else (
                    f"{shown}, but line {self.line} has the {self.order} first; "
                    "say which it is with --date-format"
                )
            )
        return (
            f"{shown}, which is month/day or day/month, and no row of the file tells; "
            'say which it is with --date-format "%m/%d/%Y" or "%d/%m/%Y"'
        )

    def _with_form(self, value: str) -> datetime | None:
        if not self.form:
            return None
        try:
            return datetime.strptime(value.strip(), self.form)  # noqa: DTZ007 - see `explicit`
        except ValueError:
            return None

    def _numeric(self, value: str) -> datetime | None:
        numeric = NUMERIC.fullmatch(value)
        if not numeric or self.order not in _FORMATS:
            return None
        first, second = int(numeric[1]), int(numeric[3])
        day, month = (first, second) if self.order == "day" else (second, first)
        year = int(numeric[4])
        if len(numeric[4]) == 2:  # noqa: PLR2004 - digits
            year += 1900 if year >= _CENTURY_BEGINS else 2000
        time = _TIME.fullmatch(numeric[5] or "00:00")
        try:
            moment = datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}")
            return at_time(moment, time) if time else None
        except ValueError:
            return None


def parsed_zone(name: str) -> tzinfo | None:
    """Return the zone called ``name``, None for an empty name.

    Raises:
        UsageError: There is no such zone.
    """
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"--timezone: there is none called {name!r}; give one such as America/New_York"
        ) from None


def check_format(form: str) -> None:
    """Check the format of ``--date-format``.

    Raises:
        UsageError: It has no date in it.
    """
    try:
        written = datetime(2031, 11, 23).strftime(form)  # noqa: DTZ001 - only the date counts
        read = datetime.strptime(written, form) if form else None  # noqa: DTZ007 - as above
    except ValueError as error:
        raise UsageError(f"--date-format: {error}") from None
    if read and (read.month, read.day) != (11, 23) and (read.year, read.month) != (2031, 11):
        raise UsageError(
            f"--date-format: {form!r} has no date; give one such as '%m/%d/%Y %I:%M %p'"
        )


def order_of(dates: Iterable[tuple[int, str]]) -> tuple[Order | None, int]:
    """Return what comes first in numeric dates, given with their lines, and the deciding line.

    A date with dots has its day first. Reading ends at the first date that decides.
    """
    any_numeric = False
    for line, date in dates:
        numeric = NUMERIC.fullmatch(date)
        if not numeric:
            continue
        any_numeric = True
        first, second = int(numeric[1]), int(numeric[3])
        if numeric[2] == "." or second <= _MONTHS < first:
            return "day", line
        if first <= _MONTHS < second:
            return "month", line
    return ("ambiguous" if any_numeric else None), 0


def at_time(day: datetime, time: "re.Match[str]") -> datetime:
    """Return a day with the time of day that `_TIME` has matched."""
    hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
    if time[4]:
        hour = hour % _HALF_DAY_HOURS + _HALF_DAY_HOURS * (time[4] in "Pp")
    moment = day.replace(hour=hour, minute=minute, second=second)
    if not time[5]:
        return moment
    zone = "+00:00" if time[5][0] in "ZUG" else time[5]
    return datetime.fromisoformat(moment.isoformat() + zone)


def without_zone(value: str) -> datetime | None:
    """Return the time in a text that names no zone; None for all others."""
    try:
        moment = from_text(value.strip())
    except UnreadableTime:
        return None
    return None if moment.tzinfo else moment
