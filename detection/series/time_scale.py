"""The statistic of numbers without texts, at one time scale.

An exponentially weighted sum of what came, next to that of what was expected (S. W. Roberts,
"Control chart tests based on geometric moving averages", Technometrics 1959), and half the deviance
of a gamma law with the variance that `detection.series.variance_model` learnt on the same sums.
How high that climbs in ordinary times is learnt as well (`detection.evidence.peak_tail`): each
scale has its own threshold.

>>> minutes = TimeScale(half_life=1.0)
>>> for number in range(200):
...     usual = minutes.weigh(SeriesRow(Bin(number, 20.0, 20.0, 20.0), 1.0), known=200.0)
...     minutes.learn(1.0)
>>> surge = minutes.weigh(SeriesRow(Bin(200, 300.0, 300.0, 20.0), 1.0), known=200.0)
>>> minutes.conclude(1e-4, 1.0, firing=False)
>>> usual < 1e-9, surge > minutes.threshold, minutes.quiet
(True, True, False)
"""

from dataclasses import dataclass, field
from math import expm1, log, sqrt
from typing import Final, NamedTuple

from detection.bins import Bin, Total, ratio
from detection.evidence.peak_tail import PEAK_FLOOR, RISE_FLOOR, PeakTail
from detection.expected.overdispersion import MAX_WINDOW_DEVIATIONS
from detection.series.variance_model import VarianceLaw, VarianceModel

AHEAD: Final = 24.0
"""Bins after which what is usual is known so well that the error counts as much as the swing."""
WILDER: Final = 1.05
"""Factor of the tail's slope."""
SHAPE: Final = 0.1
"""Of the tail, a generalised Pareto law: one series has no others to tell how far it goes."""


WILDEST: Final = 100.0
"""Times what was expected, and one, beyond which a row counts for no more."""


class SeriesRow(NamedTuple):
    """A row next to what was expected, and how many ``bins`` passed since the one before."""

    it: Bin
    bins: float


@dataclass(slots=True)
class TimeScale:
    """Sums that are forgotten by halves in ``half_life`` bins, and what was learnt of them.

    ``beyond`` is how far the evidence is above the threshold, in slopes of the tail.
    """

    half_life: float
    seen: float = 0.0
    usual: float = 0.0
    chance: float = 0.0
    evidence: float = 0.0
    threshold: float = 0.0
    beyond: float = 0.0
    peak: float = 0.0
    crossed: bool = False
    since: Total = field(default_factory=Total)
    spread: VarianceModel = field(default_factory=VarianceModel)
    tail: PeakTail = field(default_factory=PeakTail)

    def weigh(self, row: SeriesRow, known: float) -> float:
        """Evidence of a surge after a row, where what is usual is ``known`` from so many bins."""
        it, fade = row.it, 0.5 ** (row.bins / self.half_life)
        self.seen = self.seen * fade + min(it.volume, WILDEST * (it.expected + 1.0))
        self.usual = self.usual * fade + it.expected
        self.chance = self.chance * fade * fade + it.expected
        law = self.spread.law()
        uncertain = VarianceLaw(law.grain, law.swing * (1.0 + AHEAD / known))
        self.evidence = self._evidence(uncertain)
        if self.quiet:
            self.since = Total()
        else:
            self.since.add(it)
        return self.evidence

    def _evidence(self, law: VarianceLaw) -> float:
        if self.seen <= self.usual or not self.usual:
            return 0.0
        times = self.seen / self.usual
        shape = self.usual / law.variance(self.usual, self.chance) * self.usual
        return shape * (times - 1.0 - log(times))

    def learn(self, bins: float) -> None:
        """Count the sums as ordinary ones, for ``bins``."""
        if self.usual:
            variance = self.spread.law().variance(self.usual, self.chance)
            error = min(
                (self.seen - self.usual) ** 2,
                MAX_WINDOW_DEVIATIONS * MAX_WINDOW_DEVIATIONS * variance,
            )
            self.spread.learn(self.usual, self.chance, error, bins)

    def conclude(self, rate: float, bins: float, *, firing: bool) -> None:
        """Where the evidence stands to a threshold that is crossed ``rate`` times a bin."""
        slope = self.tail.scale_estimate(self.tail, WILDER)
        rarity = self.tail.rarity(self.tail, rate)
        self.threshold = PEAK_FLOOR + slope * expm1(SHAPE * rarity) / SHAPE
        self.beyond = (self.evidence - self.threshold) / slope
        if self.quiet:
            self._ended()
        elif not firing:
            self.peak = max(self.peak, min(self.evidence, self.threshold))
            self.crossed |= self.beyond >= 0.0
        if not firing:
            self.tail.watched += bins

    def _ended(self) -> None:
        if self.crossed:
            self.tail.add_censored(self.peak)
        elif self.peak:
            self.tail.add_peak(self.peak)
        self.peak, self.crossed = 0.0, False

    def forget(self) -> None:
        """Go on as if what came had been usual: an alert has told of it."""
        self.seen = min(self.seen, self.usual)
        self.since = Total()

    def settle(self, times: float) -> None:
        """Go on as if so many times as much had been expected, and learn anew how that strays."""
        self.usual *= times
        self.chance *= times
        self.spread = VarianceModel(first=self.spread.first)

    @property
    def quiet(self) -> bool:
        """Whether nothing climbs."""
        return self.evidence < RISE_FLOOR

    @property
    def times(self) -> float:
        """What came as a multiple of what was expected."""
        return ratio(self.seen, self.usual)

    @property
    def effect(self) -> float:
        """What came as a multiple of what was expected, one added to both."""
        return (self.seen + 1.0) / (self.usual + 1.0)

    def believable(self, value: float, mean: float) -> float:
        """``value``, or the most of it that learning believes where ``mean`` was expected."""
        return min(
            value, mean + MAX_WINDOW_DEVIATIONS * sqrt(self.spread.law().variance(mean, mean))
        )
