"""The needle of a subject: its negative news now, as a multiple of what is usual.

Evidence is weighed when a bin closes. A needle moves with each signal: it takes the closed bins
from the detector's trace, and adds the news of bins that are still open.

>>> from datetime import UTC, datetime
>>> needle = Needle()
>>> point = TracePoint("company:ACME", datetime.now(UTC), 4.0, 2.0, 0.5, 0.25, 0.0, 9.0)
>>> needle.close(point, 7)
>>> needle.effect(8)  # 2 negative stories where half a one is usual, and the one that is added
2.0
>>> [needle.count(story=0, weight=0.9, number=8) for _ in range(3)]
[True, True, True]
>>> round(needle.effect(8), 2), round(needle.effect(200), 2)
(3.8, 0.06)
>>> needle.count(story=0, weight=0.9, number=7)  # that bin is closed
False
"""

from dataclasses import dataclass, field
from math import log2
from typing import Final

from detection.evidence.decayed_window import WINDOW_DECAY
from detection.stories.recent_stories import RecentStories
from detection.trace import TracePoint

NO_BIN: Final = -(1 << 50)
"""A bin long before any other."""


@dataclass(slots=True)
class Needle:
    """Decayed sums of a subject's closed bins, and the news of its open ones.

    Attributes:
        negative: negative volume of the closed bins.
        expected: expected negative volume of the closed bins.
        usual: expected negative volume of the last closed bin.
        closed: number of the last closed bin.
        open: negative volume of each open bin.
        stories: stories of the last days, each of which counts once.
    """

    negative: float = 0.0
    expected: float = 0.0
    usual: float = 0.0
    closed: int = NO_BIN
    open: dict[int, float] = field(default_factory=dict)
    stories: RecentStories = field(default_factory=RecentStories)

    def count(self, story: int, weight: float, number: int) -> bool:
        """Count a signal of an open bin; return False if its bin is closed or its story known.

        Args:
            story: fingerprint of the headline, or 0.
            weight: by how much it is negative (`negative_weight`).
            number: number of the bin.
        """
        if number <= self.closed or not self.stories.first_seen(story, number):
            return False
        self.open[number] = self.open.get(number, 0.0) + weight
        return True

    def close(self, point: TracePoint, number: int) -> None:
        """Make bin ``number`` and all before it part of the past."""
        negative, expected = self._past(number - 1)
        self.usual = point.expected_volume * point.expected_share
        self.negative = negative * WINDOW_DECAY + point.volume * point.negative_share
        self.expected = expected * WINDOW_DECAY + self.usual
        self.closed = number
        self.open = {later: news for later, news in self.open.items() if later > number}

    def effect(self, number: int) -> float:
        """Return the negative volume as a multiple of the usual, while bin ``number`` is open.

        One story is added to both, as `DecayedWindow.effect` does.
        """
        negative, expected = self._past(number - 1)
        for opened, news in self.open.items():
            negative += news * WINDOW_DECAY ** max(0, number - opened)
        return (negative + 1.0) / (expected + 1.0)

    def deflection(self, number: int) -> float:
        """Return the binary logarithm of the effect: 0 is usual, 1 twice as much."""
        return log2(self.effect(number))

    def sunk_to(self, number: int) -> float:
        """Return the deflection at the beginning of bin ``number``, by closed bins alone."""
        negative, expected = self._past(number - 1)
        return log2((negative + 1.0) / (expected + 1.0))

    def _past(self, number: int) -> tuple[float, float]:
        """Return the sums at the end of bin ``number``, if there was no news since the last."""
        bins = number - self.closed
        if self.closed == NO_BIN or bins <= 0:
            return self.negative, self.expected
        decay = WINDOW_DECAY**bins
        silent = self.usual * (1.0 - decay) / (1.0 - WINDOW_DECAY)
        return self.negative * decay, self.expected * decay + silent
