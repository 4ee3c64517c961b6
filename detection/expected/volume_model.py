"""The number of stories that a subject has in a bin, and by how much that number varies.

The rate has a gamma posterior whose past is forgotten exponentially. News clusters, so counts
vary by more than Poisson's law says::

    variance = mean + dispersion * (mean + mean**2) + mean**2 / shape of the posterior

This is a negative binomial (Gamma-Poisson). The term in the mean fits sparse subjects, whose few
stories come in clusters; the term in its square fits busy ones, whose rate itself varies. Sources:
M. West and J. Harrison, "Bayesian Forecasting and Dynamic Models" (1997), section 10.8, for
forgetting; A. C. Cameron and P. K. Trivedi, "Regression Analysis of Count Data" (2013), section
3.3, for the moments.

>>> model, prior = VolumeModel(), Prior(level=1.0, bins=1.0)
>>> for hour in range(500):
...     model.learn(6.0, 1.0, model.expect(prior, 1.0, FIRST_DISPERSION), 1.0)
>>> expected = model.expect(prior, 2.0, FIRST_DISPERSION)
>>> round(expected.mean, 1), expected.size > 20
(12.0, True)
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from detection.expected.decayed_mean import DecayedMean, remembered_bins

MIN_DISPERSION: Final = 0.02
FIRST_DISPERSION: Final = 0.5
"""The population's dispersion before any count was seen."""
FIRST_PRIOR_WEIGHT: Final = 20.0
"""Weight of `FIRST_DISPERSION`, in informative bins."""
POOL_PRIOR_WEIGHT: Final = 4.0
"""Weight of the population's dispersion against a subject's own, in informative bins."""
MIN_MEAN: Final = 1e-6


class Prior(NamedTuple):
    """A gamma prior of the rate.

    Attributes:
        level: stories a bin.
        bins: weight of the prior, in bins.
    """

    level: float
    bins: float


class Expected(NamedTuple):
    """The negative binomial forecast of a count.

    Attributes:
        mean: expected count.
        size: size parameter; the variance is mean + mean² / size.
        shape: shape of the rate's gamma posterior.
    """

    mean: float
    size: float
    shape: float


def excess_variance(count: float, expected: Expected) -> tuple[float, float]:
    """Return the count's variance beyond Poisson's and the posterior's, and its weight."""
    mean = expected.mean
    error = count - mean
    excess = error * error - mean - mean * mean / expected.shape
    return excess / (1.0 + mean) ** 2, mean / (1.0 + mean)


@dataclass(slots=True)
class VolumeModel:
    """The learnt law of a subject's counts.

    Attributes:
        rate: stories per bin of season 1.
        dispersion: excess variance per informative bin.
    """

    rate: DecayedMean = field(default_factory=DecayedMean)
    dispersion: DecayedMean = field(default_factory=DecayedMean)

    @property
    def level(self) -> float:
        """Stories in a bin of season 1, from the subject's own past alone."""
        return self.rate.total / max(self.rate.weight, 1.0)

    def expect(self, prior: Prior, season: float, dispersion: float) -> Expected:
        """Forecast the next bin's count; ``dispersion`` is the population's, for shrinkage."""
        shape = self.rate.total + prior.level * prior.bins
        mean = max(MIN_MEAN, shape / (self.rate.weight + prior.bins) * season)
        dispersion = max(MIN_DISPERSION, self.dispersion.shrunk(dispersion, POOL_PRIOR_WEIGHT))
        shape = max(MIN_MEAN, shape)
        return Expected(mean, 1.0 / (dispersion * (1.0 + mean) / mean + 1.0 / shape), shape)

    def learn(self, count: float, season: float, expected: Expected, pace: float) -> None:
        """Learn from one bin, at a ``pace`` below 1 if it is not an ordinary one."""
        self.rate.learn(count, season, pace)
        self.dispersion.learn(*excess_variance(count, expected), pace)

    def skip_empty_bins(self, bins: int, season: float, prior: Prior) -> None:
        """Learn from ``bins`` empty bins at once; ``season`` is the mean of theirs."""
        before = self.rate.shrunk(prior.level, prior.bins)
        weight = remembered_bins(bins)
        self.rate.skip_bins(bins)
        self.rate.weight += season * weight
        mean = (before + self.rate.shrunk(prior.level, prior.bins)) / 2.0 * season
        self.dispersion.skip_bins(bins)
        self.dispersion.add(
            weight * (mean * mean - mean) / (1.0 + mean) ** 2, weight * mean / (1.0 + mean)
        )
