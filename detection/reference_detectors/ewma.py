"""EWMA control chart (Roberts 1959): a smoothed value against limits learnt from the past."""

from math import sqrt
from typing import Final

from detection.reference_detectors.decayed_moments import DecayedMoments

SMOOTHING: Final = 0.2
"""Weight of a new value (Montgomery, Introduction to Statistical Quality Control: 0.05 to 0.25 work
well)."""


class Ewma:
    """Detector whose score is the smoothed value's distance above the mean, in its deviations.

    Mean and deviation are those of the last ``memory`` values. The score is 0 until a quarter of
    them is known.

    >>> chart = Ewma(memory=40)
    >>> [round(chart.score(value), 1) for value in [2, 3, 2, 1] * 10 + [9, 9, 9]][-4:]
    [-0.3, 2.8, 4.6, 5.4]
    """

    def __init__(self, memory: int) -> None:
        self._min_values = memory // 4
        self._past = DecayedMoments(memory)
        self._smoothed = 0.0

    def score(self, value: float) -> float:
        """Return the score after ``value``; only later scores count it as part of the past."""
        self._smoothed += SMOOTHING * (value - self._smoothed)
        score = 0.0
        if self._past.values >= self._min_values:
            deviation = self._past.deviation * sqrt(SMOOTHING / (2 - SMOOTHING))
            score = (self._smoothed - self._past.mean) / deviation
        self._past.add(value)
        return score
