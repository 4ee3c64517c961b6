"""A weighted mean that forgets its past exponentially, as in exponential smoothing.

Every learnt quantity of the detector is such a mean: stories per bin, negative stories per story,
excess variance per informative window.

>>> mean = DecayedMean()
>>> for _ in range(500):
...     mean.learn(total=6.0, weight=1.0)
>>> round(mean.shrunk(prior=1.0, prior_weight=10.0), 1)
5.9
"""

from dataclasses import dataclass
from typing import Final

BIN_DECAY: Final = 1.0 - 1.0 / 1080.0
"""Factor by which one bin shrinks the weight of all earlier ones: a mean life of 45 days."""


def remembered_bins(bins: int) -> float:
    """Return how much consecutive bins of weight 1 weigh at their end.

    >>> round(remembered_bins(24), 1), round(remembered_bins(100_000))
    (23.7, 1080)
    """
    return (1.0 - BIN_DECAY**bins) / (1.0 - BIN_DECAY)


@dataclass(slots=True)
class DecayedMean:
    """Two sums that decay alike.

    Attributes:
        total: decayed sum of the values, each times its weight.
        weight: decayed sum of the weights.
    """

    total: float = 0.0
    weight: float = 0.0

    def learn(
        self, total: float, weight: float, pace: float = 1.0, decay: float = BIN_DECAY
    ) -> None:
        """Forget by the factor ``decay`` and add a value that counts ``weight``.

        A ``pace`` below 1 slows both down.
        """
        slowed = 1.0 - (1.0 - decay) * pace
        self.total = self.total * slowed + total * pace
        self.weight = self.weight * slowed + weight * pace

    def add(self, total: float, weight: float) -> None:
        """Add a value without forgetting, since no time passes."""
        self.total += total
        self.weight += weight

    def skip_bins(self, bins: int) -> None:
        """Forget as much as ``bins`` bins do."""
        decay = BIN_DECAY**bins
        self.total *= decay
        self.weight *= decay

    def limit(self, weight: float) -> None:
        """Let the mean count at most ``weight``, so that it changes as fast as a new one.

        >>> old = DecayedMean(total=600.0, weight=100.0)
        >>> old.limit(10.0)
        >>> old
        DecayedMean(total=60.0, weight=10.0)
        """
        if self.weight > weight:
            self.total *= weight / self.weight
            self.weight = weight

    def shrunk(self, prior: float, prior_weight: float) -> float:
        """Return the mean, shrunk towards ``prior``, which counts ``prior_weight``."""
        return (self.total + prior * prior_weight) / (self.weight + prior_weight)
