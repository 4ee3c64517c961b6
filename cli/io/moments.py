"""Times and durations as people write them on the command line."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from infra.usage_error import UsageError
from schemas.durations import seconds

_MAX_SECONDS: Final = 366 * 86_400


def duration(text: str, option: str) -> timedelta:
    """Return the duration that an option gives, such as 24h.

    Raises:
        UsageError: It is no duration, or one that nobody means.

    >>> duration("1.5h", "--for")
    datetime.timedelta(seconds=5400)
    """
    number = seconds(text)
    if not isinstance(number, float) or not 0 < number <= _MAX_SECONDS:
        raise UsageError(f"{option}: {text!r} is no duration up to a year: write 90m, 24h or 7d")
    return timedelta(seconds=number)


def moment(text: str, option: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the time that an option gives: a duration before ``now``, or a date.

    A date that has no zone is in ``zone``, or else in that of this machine.

    Raises:
        UsageError: It is neither.

    >>> moment("2h", "--since", datetime(2026, 3, 3, 8, tzinfo=UTC)).isoformat()
    '2026-03-03T06:00:00+00:00'
    """
    number = seconds(text)
    try:
        if isinstance(number, float):
            return now - timedelta(seconds=number)
        date = datetime.fromisoformat(text)
        return (date if date.tzinfo else date.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option}: {text!r} is no time: write a date such as 2026-03-03 or 2026-03-03T08:00, "
            "or a duration before now such as 2h or 7d"
        ) from None
