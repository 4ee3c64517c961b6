"""The EWMA control chart (Roberts 1959): a smoothed value against limits from the past."""

from math import sqrt
from typing import Final

from detection.reference_detectors.decayed_moments import Forgetting

SMOOTHING: Final = 0.2
"""Montgomery, Introduction to Statistical Quality Control: 0.05 to 0.25 work well."""


class Ewma:
    """How many of its deviations the smoothed value is above the mean.

    Mean and deviation are those of the last ``memory`` values; nothing alarms before a quarter of
    them is there.

    >>> chart = Ewma(memory=40)
    >>> [round(chart.score(value), 1) for value in [2, 3, 2, 1] * 10 + [9, 9, 9]][-4:]
    [-0.3, 2.8, 4.6, 5.4]
    """

    def __init__(self, memory: int) -> None:
        self._warm = memory // 4
        self._past = Forgetting(memory)
        self._smooth = 0.0

    def score(self, value: float) -> float:
        """With ``value``, which then belongs to the past; 0 while there is too little of that."""
        self._smooth += SMOOTHING * (value - self._smooth)
        deviation = self._past.deviation * sqrt(SMOOTHING / (2 - SMOOTHING))
        warm = self._past.values >= self._warm
        found = (self._smooth - self._past.mean) / deviation if warm else 0.0
        self._past.add(value)
        return found
