"""Event time cut into bins, and bins into weeks."""

from datetime import UTC, datetime, timedelta
from typing import Final

WEEK: Final = 168
"""Bins of the pattern that repeats: hours of a week where a bin is an hour."""

EPOCH: Final = datetime(2001, 1, 1, tzinfo=UTC)
"""A Monday."""


class BinClock:
    """Bins of equal length, numbered from midnight of a Monday.

    >>> grid = BinClock(timedelta(hours=1))
    >>> grid.bin(datetime(2001, 1, 8, 2, 59, tzinfo=UTC)), grid.start(170).isoformat()
    (170, '2001-01-08T02:00:00+00:00')
    """

    def __init__(self, length: timedelta) -> None:
        self.length = length

    def bin(self, at: datetime) -> int:
        """The bin that holds ``at`` (aware)."""
        return (at - EPOCH) // self.length

    def start(self, number: int) -> datetime:
        """When a bin begins, UTC."""
        return EPOCH + number * self.length
