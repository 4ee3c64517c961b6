"""How many stories a subject usually has in a bin, and how much that number scatters.

The rate has a gamma posterior whose past is forgotten exponentially. News clusters, so counts
scatter by more than Poisson's law::

    variance = mean + scatter * (mean + mean**2) + mean**2 / shape of the posterior

which is a negative binomial (Gamma-Poisson) that is right for sparse subjects, whose few stories
come in clusters, and for busy ones, whose rate itself varies. Sources: M. West and J. Harrison,
"Bayesian Forecasting and Dynamic Models" (1997), section 10.8, for forgetting; A. C. Cameron and
P. K. Trivedi, "Regression Analysis of Count Data" (2013), section 3.3, for the moments.

>>> usual, prior = VolumeModel(), Prior(level=1.0, bins=1.0)
>>> for hour in range(500):
...     usual.learn(6.0, 1.0, usual.expect(prior, 1.0, FIRST_SCATTER), 1.0)
>>> expected = usual.expect(prior, 2.0, FIRST_SCATTER)
>>> round(expected.mean, 1), expected.size > 20
(12.0, True)
"""

from dataclasses import dataclass
from math import sqrt
from typing import Final, NamedTuple

FADE: Final = 1.0 - 1.0 / 1080.0
"""What a bin leaves of the weight of those before: a mean life of 45 days where bins are hours."""
OUTLIER: Final = 6.0
"""Standard deviations above the mean beyond which learning does not believe a count."""
LEAST_SCATTER: Final = 0.02
FIRST_SCATTER: Final = 0.5
SHRINKAGE: Final = 4.0
"""Informative bins that the population's scatter weighs against a subject's own."""
LEAST_MEAN: Final = 1e-6


class Prior(NamedTuple):
    """A gamma prior of the rate: ``level`` stories a bin, known as if from ``bins`` of them."""

    level: float
    bins: float


class Expected(NamedTuple):
    """A negative binomial: its mean and size, and the gamma posterior's shape behind it."""

    mean: float
    size: float
    shape: float

    @property
    def deviation(self) -> float:
        """Standard deviation.

        >>> Expected(2.0, 2.0, 9.0).deviation
        2.0
        """
        return sqrt(self.mean + self.mean * self.mean / self.size)

    def believable(self, count: float) -> float:
        """``count``, or the most that learning believes.

        >>> Expected(2.0, 2.0, 9.0).believable(100.0)
        14.0
        """
        # What is below the mean, as most counts are, needs no deviation.
        return count if count <= self.mean else min(count, self.mean + OUTLIER * self.deviation)


def beyond(count: float, expected: Expected) -> tuple[float, float]:
    """Variance of a count beyond Poisson's and the posterior's, and how informative it is."""
    mean = expected.mean
    off = count - mean
    excess = off * off - mean - mean * mean / expected.shape
    return excess / (1.0 + mean) ** 2, mean / (1.0 + mean)


@dataclass(slots=True)
class VolumeModel:
    """Forgetting sums.

    ``count`` of stories in ``exposure`` bins of season 1, ``excess`` variance in ``weight``
    informative bins.
    """

    count: float = 0.0
    exposure: float = 0.0
    excess: float = 0.0
    weight: float = 0.0

    def level(self, prior: Prior) -> float:
        """Stories expected in a bin of season 1."""
        return (self.count + prior.level * prior.bins) / (self.exposure + prior.bins)

    def expect(self, prior: Prior, season: float, scatter: float) -> Expected:
        """The next bin's count. ``scatter`` is the population's, for shrinkage."""
        shape = self.count + prior.level * prior.bins
        mean = shape / (self.exposure + prior.bins) * season
        mean = max(LEAST_MEAN, mean)
        own = (self.excess + scatter * SHRINKAGE) / (self.weight + SHRINKAGE)
        own = max(LEAST_SCATTER, own)
        shape = max(LEAST_MEAN, shape)
        return Expected(mean, 1.0 / (own * (1.0 + mean) / mean + 1.0 / shape), shape)

    def learn(self, count: float, season: float, expected: Expected, pace: float) -> None:
        """Count one bin, at a ``pace`` of 1 or less where it is not an ordinary one."""
        fade = 1.0 - (1.0 - FADE) * pace
        excess, weight = beyond(count, expected)
        self.count = self.count * fade + count * pace
        self.exposure = self.exposure * fade + season * pace
        self.excess = self.excess * fade + pace * excess
        self.weight = self.weight * fade + pace * weight

    def settle(self, times: float) -> None:
        """Expect so many times as much from now on."""
        self.count *= times

    def rest(self, bins: int, season: float, prior: Prior) -> None:
        """Count ``bins`` empty ones at once; ``season`` is their mean."""
        before = self.level(prior)
        fade = FADE**bins
        kept = (1.0 - fade) / (1.0 - FADE)
        self.count *= fade
        self.exposure = self.exposure * fade + season * kept
        mean = (before + self.level(prior)) / 2.0 * season
        self.excess = self.excess * fade + kept * (mean * mean - mean) / (1.0 + mean) ** 2
        self.weight = self.weight * fade + kept * mean / (1.0 + mean)
