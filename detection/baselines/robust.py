"""The rolling robust z: a value against median and MAD of the last ones."""

from bisect import bisect_left, insort
from collections import deque
from typing import Final

from detection.baselines.forgetting import LEAST_VARIANCE

NORMAL: Final = 1.4826
"""Makes the median absolute deviation of normal values their standard deviation."""


class RobustZ:
    """Alarmed from ``threshold`` robust deviations above the median of ``memory`` values.

    The deviation is at least that of a Poisson count with the median as its mean: where most bins
    are empty the MAD is 0. Nothing alarms before a quarter of the memory is filled.

    >>> robust = RobustZ(threshold=3.5, memory=40)
    >>> [day for day, value in enumerate([2, 3, 2, 1] * 10 + [9, 9, 2]) if robust.step(value)]
    [40, 41]
    """

    def __init__(self, threshold: float, memory: int) -> None:
        self._threshold = threshold
        self._memory = memory
        self._recent: deque[float] = deque()
        self._ordered: list[float] = []

    def step(self, value: float) -> bool:
        """Whether ``value`` is alarming; then it belongs to the window."""
        alarming = len(self._ordered) >= self._memory // 4 and self._beyond(value)
        self._keep(value)
        return alarming

    def _beyond(self, value: float) -> bool:
        median = self._ordered[len(self._ordered) // 2]
        above, least = value - median, max(median, LEAST_VARIANCE) ** 0.5
        if above < self._threshold * least:
            return False  # the MAD, which takes a sort, could only raise the limit
        return above >= self._threshold * max(NORMAL * self._mad(median), least)

    def _mad(self, median: float) -> float:
        distances = sorted(abs(value - median) for value in self._ordered)
        return distances[len(distances) // 2]

    def _keep(self, value: float) -> None:
        self._recent.append(value)
        insort(self._ordered, value)
        if len(self._recent) > self._memory:
            del self._ordered[bisect_left(self._ordered, self._recent.popleft())]
