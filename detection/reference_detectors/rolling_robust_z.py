"""Rolling robust z-score: a value against the median and the MAD of the last ones.

The MAD is the median absolute deviation from the median.
"""

from bisect import bisect_left, insort
from collections import deque
from math import sqrt
from typing import Final

from detection.reference_detectors.decayed_moments import MIN_VARIANCE

NORMAL_CONSISTENCY: Final = 1.4826
"""Standard deviation of normally distributed values over their MAD."""


class RollingRobustZ:
    """Detector whose score is the distance above the median of ``memory`` values, in deviations.

    The score is 0 below the median, and until a quarter of the memory is filled. The deviation is
    at least that of a Poisson count with the median as its mean, because the MAD is 0 if most bins
    are empty.

    >>> robust = RollingRobustZ(memory=40)
    >>> [round(robust.score(value), 1) for value in [2, 3, 2, 1] * 10 + [9, 9, 2]][-3:]
    [4.7, 4.7, 0.0]
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._recent: deque[float] = deque()
        self._ordered: list[float] = []

    def score(self, value: float) -> float:
        """Return the score of ``value``, which is part of the window for later scores only."""
        score, middle = 0.0, len(self._ordered) // 2
        is_warm = len(self._ordered) >= self._memory // 4
        if is_warm and value > (median := self._ordered[middle]):
            mad = sorted(abs(earlier - median) for earlier in self._ordered)[middle]
            deviation = max(NORMAL_CONSISTENCY * mad, sqrt(max(median, MIN_VARIANCE)))
            score = (value - median) / deviation

        self._recent.append(value)
        insort(self._ordered, value)
        if len(self._recent) > self._memory:
            del self._ordered[bisect_left(self._ordered, self._recent.popleft())]
        return score
