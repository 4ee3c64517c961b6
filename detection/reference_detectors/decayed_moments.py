"""Mean and variance that forget exponentially: what the simple detectors know of the past."""

from math import sqrt
from typing import Final

LEAST_VARIANCE: Final = 0.25
"""Of counts: a series that was silent so far is not alarmed by its first item."""

CLIP: Final = 3.0


class Forgetting:
    """Moments of the last ``memory`` values or so; until there are as many, of all of them.

    >>> past = Forgetting(memory=100)
    >>> for value in (2.0, 4.0, 6.0):
    ...     past.add(value)
    >>> past.mean, round(past.variance, 3)
    (4.0, 4.0)
    """

    def __init__(self, memory: float) -> None:
        self._memory = memory
        self.values = 0
        self.mean = 0.0
        self._spread = 0.0

    def add(self, value: float) -> None:
        """Welford's update with a weight that does not fall below 1 / memory."""
        self.values += 1
        weight = 1.0 / min(self.values, self._memory)
        step = value - self.mean
        self.mean += weight * step
        self._spread += weight * (step * (value - self.mean) - self._spread)

    def add_clipped(self, value: float) -> None:
        """Add ``value``, at most mean plus `CLIP` deviations: an outlier sets no scale."""
        self.add(min(value, self.mean + CLIP * self.deviation) if self.values else value)

    @property
    def variance(self) -> float:
        """At least the Poisson variance, the mean, and at least `LEAST_VARIANCE`."""
        return max(self._spread, self.mean, LEAST_VARIANCE)

    @property
    def deviation(self) -> float:
        """Square root of `variance`."""
        return sqrt(self.variance)
