"""The EWMA control chart (Roberts 1959): a smoothed value against limits from the past."""

from math import sqrt
from typing import Final

from detection.baselines.forgetting import Forgetting

SMOOTHING: Final = 0.2
"""Montgomery, Introduction to Statistical Quality Control: 0.05 to 0.25 work well."""


class Ewma:
    """Alarmed when the smoothed value is ``threshold`` of its deviations above the mean.

    Mean and deviation are those of the last ``memory`` values; nothing alarms before a quarter of
    them is there.

    >>> chart = Ewma(threshold=3, memory=40)
    >>> [day for day, value in enumerate([2, 3, 2, 1] * 10 + [9, 9, 9]) if chart.step(value)]
    [41, 42]
    """

    def __init__(self, threshold: float, memory: int) -> None:
        self._threshold = threshold
        self._warm = memory // 4
        self._past = Forgetting(memory)
        self._smooth = 0.0

    def step(self, value: float) -> bool:
        """Whether it is out of control with ``value``, which then belongs to the past."""
        self._smooth += SMOOTHING * (value - self._smooth)
        limit = self._threshold * self._past.deviation * sqrt(SMOOTHING / (2 - SMOOTHING))
        out = self._past.values >= self._warm and self._smooth - self._past.mean >= limit
        self._past.add(value)
        return out
