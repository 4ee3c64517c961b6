"""What all subjects share.

The pattern of the week, how the market moves just now, and what is known of a subject before it is
known itself (empirical Bayes).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from detection.evidence.online_fdr import OnlineFdr
from detection.evidence.peak_tail import PeakTail
from detection.expected.market_adjustment import STEADY
from detection.expected.negative_share import NegativeShare
from detection.expected.overdispersion import Overdispersion
from detection.expected.volume_model import FADE, FIRST_SCATTER, SHRINKAGE, Expected, Prior, beyond
from detection.expected.weekly_profile import WeeklyProfile
from detection.state_codec import pack, unpack

FIRST_LEVEL: Final = 0.3
"""Stories a bin of a subject, before there is one to learn from."""
FIRST_SHARE: Final = 0.3
"""Share of negative news, likewise."""
SHAPE: Final = 0.5
"""Of the gamma distribution of levels over subjects: many are quiet, few are busy."""
LONGEST: Final = 24.0
"""Bins that the prior of a level counts at most."""
KNOWN: Final = 5.0
"""Stories a bin at which it tells half as much of the week's pattern as a bin can tell."""

OUTAGE: Final = 366 * 24
"""Bins without any news after which that is no time without news, but one without a feed."""


@dataclass(slots=True)
class Totals:
    """``levels`` of all ``subjects``, ``seasons`` of all ``bins`` that were closed.

    The feed began ``fed`` bins ago, and has been ``silent`` for so many.
    """

    levels: float = 0.0
    subjects: int = 0
    bins: int = 0
    seasons: float = 0.0
    fed: int = 0
    silent: int = 0

    def add(self, season: float, *, silent: bool) -> None:
        """Count a bin."""
        self.bins += 1
        self.seasons += season
        self.fed += 1
        self.silent = self.silent + 1 if silent else 0

    @property
    def out(self) -> bool:
        """Whether the feed seems to have stopped."""
        return self.silent >= OUTAGE


@dataclass(slots=True)
class PooledDispersion:
    """Excess variance of all subjects' counts, in ``weight`` informative bins."""

    excess: float = 0.0
    weight: float = 0.0

    def add(self, count: float, expected: Expected, bins: int = 1) -> None:
        """Count ``bins`` of one subject that are like each other."""
        excess, weight = beyond(count, expected)
        self.excess += bins * excess
        self.weight += bins * weight

    def fade(self) -> None:
        """Let one bin pass."""
        self.excess *= FADE
        self.weight *= FADE

    def usual(self) -> float:
        """Of any subject."""
        first = 5.0 * SHRINKAGE
        return max(self.excess + FIRST_SCATTER * first, 0.0) / (self.weight + first)


@dataclass(slots=True)
class WeightRatio:
    """How clear-cut a story's negative weight is: sums of weights, and of their squares.

    >>> WeightRatio().usual(), WeightRatio(negative=60.0, squares=28.0).usual()
    (1.0, 0.6)
    """

    negative: float = 0.0
    squares: float = 0.0

    def usual(self) -> float:
        """Mean square over mean: 1 where a story is negative or not, less where it is half so."""
        return (self.squares + STEADY) / (self.negative + STEADY)

    def add(self, negative: float, squares: float) -> None:
        """Count one bin, of all subjects."""
        self.negative = self.negative * FADE + negative
        self.squares = self.squares * FADE + squares


@dataclass(slots=True)
class PopulationPriors:
    """Learnt from all subjects."""

    sums: Totals = field(default_factory=Totals)
    scatter: PooledDispersion = field(default_factory=PooledDispersion)
    swing: Overdispersion = field(default_factory=Overdispersion)
    grain: WeightRatio = field(default_factory=WeightRatio)
    tail: PeakTail = field(default_factory=PeakTail)
    discoveries: OnlineFdr = field(default_factory=OnlineFdr)
    profile: WeeklyProfile = field(default_factory=WeeklyProfile)

    def prior(self) -> Prior:
        """Of a subject's level: that of the others, and as uncertain as they differ."""
        sums = self.sums
        level = max(sums.levels / sums.subjects, 1e-3) if sums.subjects else FIRST_LEVEL
        return Prior(level, min(SHAPE / level, LONGEST))

    def to_bytes(self) -> bytes:
        """Numbers, about 3 KB: most of them are the pattern of the week."""
        return pack(self._numbers()) + self.profile.to_bytes()

    def recall(self, data: bytes) -> None:
        """Undo `to_bytes`."""
        length = len(pack(self._numbers()))
        unpack(data[:length], self._numbers())
        self.profile.recall(data[length:])

    def _numbers(self) -> list[Any]:
        return [self.sums, self.scatter, self.swing, self.grain, self.tail, self.discoveries]


def usual_share(share: NegativeShare) -> float:
    """The market's usual share."""
    return share.usual(FIRST_SHARE)


def own_share(own: NegativeShare, usual: float) -> float:
    """A subject's usual share, shrunk to the market's ``usual`` one."""
    return min(max(own.usual(usual), 0.01), 0.95)


def move(whole: Expected, total: float, own: Expected, count: float) -> float:
    """How many times busier than usual the others are in a bin; at least 1.

    ``whole`` and ``total`` are the market's expected and observed count. The posterior mean of a
    gamma-distributed factor, so a small market hardly moves anybody.
    """
    others = max(whole.mean - own.mean, 0.0)
    return max((whole.size + total - count) / (whole.size + others), 1.0)
