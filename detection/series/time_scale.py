"""Statistic of a series of numbers at one time scale.

It compares two exponentially weighted sums, of the observed and of the expected values (S. W.
Roberts, "Control chart tests based on geometric moving averages", Technometrics 1959). The evidence
is half the deviance of a gamma law with the variance that `detection.series.variance_model` learnt
from the same sums. `detection.evidence.peak_tail` learns how high the evidence rises in ordinary
times, so each time scale has its own threshold.

>>> scale = TimeScale(half_life=1.0)
>>> for number in range(200):
...     ordinary = scale.weigh(Bin(number, 20.0, 20.0, 20.0), 1.0, known_bins=200.0)
...     scale.learn(1.0)
>>> surge = scale.weigh(Bin(200, 300.0, 300.0, 20.0), 1.0, known_bins=200.0)
>>> scale.update_threshold(1e-4, 1.0, firing=False)
>>> ordinary < 1e-9, surge > scale.threshold, scale.is_quiet
(True, True, False)
"""

from dataclasses import dataclass, field
from math import expm1, log, sqrt
from typing import Final

from detection.bins import Bin, Total, ratio
from detection.evidence.peak_tail import PEAK_FLOOR, PRIOR_WEIGHT, RISE_FLOOR, PeakTail
from detection.expected.overdispersion import MAX_WINDOW_DEVIATIONS
from detection.series.variance_model import VarianceLaw, VarianceModel

BASELINE_UNCERTAINTY_BINS: Final = 24.0
"""Age of a baseline, in bins, at which its error is as large as the quadratic variance."""
TAIL_SAFETY_FACTOR: Final = 1.05
"""Factor of the estimated scale of the tail."""
TAIL_SHAPE: Final = 0.1
"""Shape of the tail's generalised Pareto law. It is heavier than an exponential tail, because a
single series has no others from which to learn how far peaks go."""
MAX_ROW_FACTOR: Final = 100.0
"""A row is clipped at this many times (expected + 1)."""


@dataclass(slots=True)
class TimeScale:
    """Sums that halve every ``half_life`` bins, and what was learnt about them.

    Attributes:
        half_life: Bins after which a row counts half.
        observed: Decayed sum of the observed values.
        expected: Decayed sum of the expected values.
        poisson_variance: Variance of ``observed`` if the values were independent counts.
        evidence: Natural log likelihood ratio of a surge.
        threshold: Evidence at which an alert begins.
        excess: Evidence above the threshold, in scales of the tail; negative below it.
        peak: Highest evidence of the current rise, at most the threshold.
        crossed: Whether the current rise reached the threshold.
        since: Totals from the start of the current rise.
        variance_model: Variance of the sums.
        tail: Distribution of the peaks of evidence in ordinary times.
    """

    half_life: float
    observed: float = 0.0
    expected: float = 0.0
    poisson_variance: float = 0.0
    evidence: float = 0.0
    threshold: float = 0.0
    excess: float = 0.0
    peak: float = 0.0
    crossed: bool = False
    since: Total = field(default_factory=Total)
    variance_model: VarianceModel = field(default_factory=VarianceModel)
    tail: PeakTail = field(default_factory=PeakTail)

    def weigh(self, row: Bin, elapsed_bins: float, known_bins: float) -> float:
        """Return the evidence of a surge after a row.

        Args:
            row: Observed and expected value.
            elapsed_bins: Bins since the row before.
            known_bins: Bins from which the baseline was learnt.
        """
        fade = 0.5 ** (elapsed_bins / self.half_life)
        self.observed = self.observed * fade + min(
            row.volume, MAX_ROW_FACTOR * (row.expected + 1.0)
        )
        self.expected = self.expected * fade + row.expected
        self.poisson_variance = self.poisson_variance * fade * fade + row.expected

        self.evidence = self.log_likelihood_ratio(known_bins)
        if self.is_quiet:
            self.since = Total()
        else:
            self.since.add(row)
        return self.evidence

    def log_likelihood_ratio(self, known_bins: float) -> float:
        """Return the evidence of the current sums, with a baseline from ``known_bins``."""
        if self.observed <= self.expected or not self.expected:
            return 0.0
        linear, quadratic = self.variance_model.law()
        law = VarianceLaw(linear, quadratic * (1.0 + BASELINE_UNCERTAINTY_BINS / known_bins))
        factor = self.observed / self.expected
        shape = self.expected / law.variance(self.expected, self.poisson_variance) * self.expected
        return shape * (factor - 1.0 - log(factor))

    def learn(self, bins: float) -> None:
        """Count the current sums as ordinary ones, for ``bins``."""
        if self.expected:
            variance = self.variance_model.law().variance(self.expected, self.poisson_variance)
            squared_error = min(
                (self.observed - self.expected) ** 2,
                MAX_WINDOW_DEVIATIONS * MAX_WINDOW_DEVIATIONS * variance,
            )
            self.variance_model.learn(self.expected, self.poisson_variance, squared_error, bins)

    def update_threshold(self, rate: float, bins: float, *, firing: bool) -> None:
        """Set the threshold that ordinary evidence crosses ``rate`` times a bin.

        Then count the current rise in the tail if it has ended, or follow its peak otherwise. Rows
        that came while an alert was ``firing`` say nothing about ordinary times.
        """
        scale = self.tail.scale_estimate(self.tail, TAIL_SAFETY_FACTOR, PRIOR_WEIGHT)
        rarity = self.tail.rarity(self.tail, rate, PRIOR_WEIGHT)
        self.threshold = PEAK_FLOOR + scale * expm1(TAIL_SHAPE * rarity) / TAIL_SHAPE
        self.excess = (self.evidence - self.threshold) / scale

        if self.is_quiet:
            if self.crossed:
                self.tail.add_censored(self.peak)
            elif self.peak:
                self.tail.add_peak(self.peak)
            self.peak, self.crossed = 0.0, False
        elif not firing:
            self.peak = max(self.peak, min(self.evidence, self.threshold))
            self.crossed |= self.excess >= 0.0

        if not firing:
            self.tail.watched += bins

    def discard_surge(self) -> None:
        """Continue as if the observed values had been ordinary: their alert has resolved."""
        self.observed = min(self.observed, self.expected)
        self.since = Total()

    def rescale(self, factor: float) -> None:
        """Continue as if ``factor`` times as much had been expected; learn the variance anew."""
        self.expected *= factor
        self.poisson_variance *= factor
        self.variance_model = VarianceModel(initial_quadratic=self.variance_model.initial_quadratic)

    @property
    def is_quiet(self) -> bool:
        """Return whether the evidence is not rising."""
        return self.evidence < RISE_FLOOR

    @property
    def factor(self) -> float:
        """Return observed over expected; 0 if nothing is expected."""
        return ratio(self.observed, self.expected)

    @property
    def effect(self) -> float:
        """Return observed over expected, one added to both."""
        return (self.observed + 1.0) / (self.expected + 1.0)

    def clip(self, value: float, mean: float) -> float:
        """Return ``value``, at most `MAX_WINDOW_DEVIATIONS` above the expectation ``mean``."""
        variance = self.variance_model.law().variance(mean, mean)
        return min(value, mean + MAX_WINDOW_DEVIATIONS * sqrt(variance))
