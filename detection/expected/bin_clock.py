"""Event time cut into bins, and bins into weeks."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

WEEK: Final = 168
"""Bins after which the weekly pattern repeats: hours of a week if a bin is an hour."""
WARM_UP_BINS: Final = 24
"""Bins after a feed began in which a surge cannot be told from the feed's beginning."""
EPOCH: Final = datetime(2001, 1, 1, tzinfo=UTC)
"""The beginning of bin 0, midnight of a Monday."""


@dataclass(frozen=True, slots=True)
class BinClock:
    """Bins of equal length, numbered from `EPOCH`.

    >>> clock = BinClock(timedelta(hours=1))
    >>> clock.bin(datetime(2001, 1, 8, 2, 59, tzinfo=UTC)), clock.start(170).isoformat()
    (170, '2001-01-08T02:00:00+00:00')
    """

    length: timedelta

    def bin(self, time: datetime) -> int:
        """Return the number of the bin that holds ``time`` (aware)."""
        return (time - EPOCH) // self.length

    def start(self, number: int) -> datetime:
        """Return the time at which a bin begins, in UTC."""
        return EPOCH + number * self.length
