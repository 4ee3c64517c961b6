"""Quiet hours: local times of day in which alerts wait."""

from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo


class QuietHours(NamedTuple):
    """A time of day from ``begin`` to ``end``; over midnight where the end comes first."""

    begin: time
    end: time


def parse_quiet_hours(text: str) -> QuietHours | None:
    """Read hours such as ``22:00-07:00``; None if there are none.

    Raises:
        ValueError: The text is something else, or both times are equal.
    """
    if not text:
        return None
    parts = [part.strip() for part in text.split("-")]
    try:
        begin, end = (time.fromisoformat(part) for part in parts)
    except ValueError:
        raise ValueError(f"{text[:20]!r} should be two times, such as 22:00-07:00") from None
    if begin.tzinfo or end.tzinfo or begin == end:
        raise ValueError("quiet hours are two different times of day, without a zone")
    return QuietHours(begin, end)


def is_quiet(hours: QuietHours | None, zone: str, now: datetime) -> bool:
    """Return whether ``now`` lies in the quiet hours of a zone.

    >>> from datetime import UTC
    >>> night = parse_quiet_hours("22:00-07:00")
    >>> is_quiet(night, "Europe/Berlin", datetime(2026, 7, 1, 4, 59, tzinfo=UTC))
    True
    >>> is_quiet(night, "Europe/Berlin", datetime(2026, 7, 1, 5, 0, tzinfo=UTC))
    False
    """
    if hours is None:
        return False
    clock = now.astimezone(ZoneInfo(zone)).time()
    if hours.begin < hours.end:
        return hours.begin <= clock < hours.end
    return clock >= hours.begin or clock < hours.end
