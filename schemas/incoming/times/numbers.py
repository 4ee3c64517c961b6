"""Times as numbers: Unix time in four units, and dates written as digits alone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from schemas.instants import EARLIEST, LATEST

_COMPACT_LENGTHS: Final = frozenset({8, 10, 12, 14, 17})
"""Digits of a day, an hour, a minute, a second and a millisecond."""
_SHORT_YEARS: Final = re.compile(
    r"[1-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d", re.ASCII
)
"""Twelve digits that may begin with a year of two digits."""
_EXCEL_SERIALS: Final = range(25_569, 73_415)
"""Days since 1899-12-30, which spreadsheets count; here those from 1970 to 2100."""
_DAYS: Final = range(1_000, 47_847)
"""Days since 1970, as Debezium's `Date` counts them, up to 2100."""
_DOTNET_TICKS: Final = range(621_355_968_000_000_000, 662_695_776_000_000_000)
_WINDOWS_FILETIME: Final = range(116_444_736_000_000_000, 157_784_544_000_000_000)
_UNITS: Final = (
    (100_000_000, 1, "seconds"),
    (100_000_000_000, 1_000, "milliseconds"),
    (100_000_000_000_000, 1_000_000, "microseconds"),
    (100_000_000_000_000_000, 1_000_000_000, "nanoseconds"),
)
"""From 1973 on, units can be told apart by their size: the smallest number, units a second."""
_UNIX_YEAR_1900: Final = -2_208_988_800
_UNIX_YEAR_9999: Final = range(253_402_214_400, 253_402_300_801)
"""The last day that programs can name, which stands for no day at all."""
_LARGEST_INTEGERS: Final = frozenset({2**31 - 1, 2**32 - 1, 2**63 - 1, (2**31 - 1) * 1_000})


class UnreadableTime(ValueError):
    """A value that is no time; its text says why."""


def is_zero(number: float) -> bool:
    """Return whether a number stands for a missing time: 0, -1, or the ends of what types hold."""
    if number <= 0:
        return number in {0, -1} or number <= _UNIX_YEAR_1900
    whole = int(number)
    return (
        whole in _LARGEST_INTEGERS
        or whole in _UNIX_YEAR_9999
        or (whole // 1_000 in _UNIX_YEAR_9999)
    )


def from_number(number: float) -> tuple[datetime, bool]:
    """Return the time that a number stands for, and whether it lacks a zone, as digits alone do.

    Raises:
        UnreadableTime: it is none, or could be read in several ways; the message names them.
    """
    whole = int(number)
    if whole == number:
        moment = _compact(str(whole))
        if moment is not None:
            return moment, True
        if _SHORT_YEARS.fullmatch(str(whole)):
            raise UnreadableTime("may be YYMMDDhhmmss or Unix time: set its format")
    if whole in _DOTNET_TICKS or whole in _WINDOWS_FILETIME:
        raise UnreadableTime("counts .NET ticks or Windows file time, not Unix time")
    for smallest, per_second, _ in reversed(_UNITS):
        if smallest <= whole:
            return _unix(number, per_second), False
    if whole in _DAYS or whole in _EXCEL_SERIALS:
        raise UnreadableTime("is a count of days (an Excel serial date, or days since 1970)")
    raise UnreadableTime("is a number too small for a time")


def _compact(digits: str) -> datetime | None:
    # Ten digits that begin with 1931 are Unix time of the year 2031.
    if len(digits) not in _COMPACT_LENGTHS or not "1970" <= digits[:4] <= "2100":
        return None
    try:
        parts = [int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, len(digits), 2))]
        if len(digits) == 17:  # noqa: PLR2004 - digits
            parts[-2:] = [int(digits[14:]) * 1_000]
        return datetime(*parts)  # type: ignore[arg-type] # noqa: DTZ001 - its zone comes later
    except ValueError:
        if len(digits) == 8:  # noqa: PLR2004 - digits
            return None
        raise UnreadableTime("is a date in digits that does not exist") from None


def _unix(number: float, per_second: int) -> datetime:
    try:
        if isinstance(number, int):
            seconds, rest = divmod(number, per_second)
            moment = EARLIEST + timedelta(
                seconds=seconds, microseconds=rest * 1_000_000 // per_second
            )
        else:
            moment = EARLIEST + timedelta(seconds=number / per_second)
    except OverflowError:
        raise UnreadableTime("is a number too large for a time") from None
    years = moment.year - LATEST.year
    if moment >= LATEST or years > 0:
        raise UnreadableTime(f"is a number too large for a time: the year {moment.year}")
    return moment.astimezone(UTC)
