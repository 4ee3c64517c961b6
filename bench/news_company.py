"""The news of one company in an archive: its stories, and the copies of them."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detection.stories.recent_stories import RecentStories
from schemas.signal import Signal

EPOCH: Final = datetime(2000, 1, 3, tzinfo=UTC)
"""A Monday, before all news."""
HOUR: Final = timedelta(hours=1)


class Company:
    """The news of a company.

    Attributes:
        hours: hour since `EPOCH` of each story.
        negative: negative probability of each story.
        copies: delay in hours of each copy of a story.
    """

    def __init__(self) -> None:
        self.hours: list[int] = []
        self.negative: list[float] = []
        self.copies: list[float] = []
        self._recent = RecentStories()
        self._first: dict[int, int] = {}

    def add(self, signal: Signal) -> None:
        """Count a signal, which is a story or a copy of one."""
        hour = (signal.published - EPOCH) // HOUR
        if self._recent.first_seen(signal.story, hour):
            self.hours.append(hour)
            self.negative.append(signal.negative)
            self._first[signal.story] = hour
        else:
            last = self.hours[-1] if self.hours else hour
            self.copies.append(float(hour - self._first.get(signal.story, last)))

    def days(self, begin: int, end: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return stories and negative stories of each day from ``begin`` to ``end``."""
        index = np.array(self.hours) // 24 - begin
        kept = (index >= 0) & (index < end - begin)
        weights = np.array(self.negative)[kept]
        stories = np.bincount(index[kept], minlength=end - begin)
        negative = np.bincount(index[kept], weights=weights, minlength=end - begin)
        return stories.astype(np.float64), negative.astype(np.float64)
