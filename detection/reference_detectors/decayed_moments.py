"""Mean and variance with exponential forgetting: what the simple detectors know of the past."""

from math import sqrt
from typing import Final

MIN_VARIANCE: Final = 0.25
"""Lower bound of the variance of counts: the first item of a silent series raises no alarm."""
MAX_DEVIATIONS: Final = 3.0
"""`DecayedMoments.add_clipped` clips a value at this many standard deviations above the mean."""


class DecayedMoments:
    """Mean and variance of about the last ``memory`` values; of all values until there are so many.

    >>> past = DecayedMoments(memory=100)
    >>> for value in (2.0, 4.0, 6.0):
    ...     past.add(value)
    >>> past.mean, round(past.variance, 3)
    (4.0, 4.0)

    Attributes:
        values: Number of values added.
        mean: Mean of the values; 0 before the first.
    """

    def __init__(self, memory: float) -> None:
        self._memory = memory
        self.values = 0
        self.mean = 0.0
        self._squared_error = 0.0

    def add(self, value: float) -> None:
        """Add a value: Welford's update with a weight that does not fall below 1 / memory."""
        self.values += 1
        weight = 1.0 / min(self.values, self._memory)
        error = value - self.mean
        self.mean += weight * error
        self._squared_error += weight * (error * (value - self.mean) - self._squared_error)

    def add_clipped(self, value: float) -> None:
        """Add a value, clipped unless it is the first, so that outliers do not set the scale."""
        self.add(min(value, self.mean + MAX_DEVIATIONS * self.deviation) if self.values else value)

    @property
    def variance(self) -> float:
        """Return the variance; at least the mean (Poisson's variance) and `MIN_VARIANCE`."""
        return max(self._squared_error, self.mean, MIN_VARIANCE)

    @property
    def deviation(self) -> float:
        """Return the square root of `variance`."""
        return sqrt(self.variance)
