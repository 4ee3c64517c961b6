"""The rolling robust z: a value against median and MAD of the last ones."""

from bisect import bisect_left, insort
from collections import deque
from math import sqrt
from typing import Final

from detection.reference_detectors.decayed_moments import LEAST_VARIANCE

NORMAL: Final = 1.4826
"""Makes the median absolute deviation of normal values their standard deviation."""


class RobustZ:
    """How many robust deviations a value is above the median of ``memory`` values; 0 below it.

    The deviation is at least that of a Poisson count with the median as its mean: where most bins
    are empty the MAD is 0. Nothing alarms before a quarter of the memory is filled.

    >>> robust = RobustZ(memory=40)
    >>> [round(robust.score(value), 1) for value in [2, 3, 2, 1] * 10 + [9, 9, 2]][-3:]
    [4.7, 4.7, 0.0]
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._recent: deque[float] = deque()
        self._ordered: list[float] = []

    def score(self, value: float) -> float:
        """Of ``value``, which then belongs to the window; 0 while that is short."""
        found = self._beyond(value) if len(self._ordered) >= self._memory // 4 else 0.0
        self._keep(value)
        return found

    def _beyond(self, value: float) -> float:
        median = self._ordered[len(self._ordered) // 2]
        if value <= median:
            return 0.0
        deviation = max(NORMAL * self._mad(median), sqrt(max(median, LEAST_VARIANCE)))
        return (value - median) / deviation

    def _mad(self, median: float) -> float:
        distances = sorted(abs(value - median) for value in self._ordered)
        return distances[len(distances) // 2]

    def _keep(self, value: float) -> None:
        self._recent.append(value)
        insort(self._ordered, value)
        if len(self._recent) > self._memory:
            del self._ordered[bisect_left(self._ordered, self._recent.popleft())]
