"""What the detector learns from all subjects together.

The weekly pattern, and the priors of a subject of which little is known yet (empirical Bayes).
"""

from dataclasses import dataclass, field
from typing import Final, Self

from detection.evidence.online_fdr import OnlineFdr
from detection.evidence.peak_tail import PeakTail
from detection.expected.decayed_mean import BIN_DECAY, DecayedMean
from detection.expected.market_adjustment import MARKET_PRIOR_WEIGHT
from detection.expected.volume_model import Expected
from detection.expected.weekly_profile import WeeklyProfile
from detection.state_codec import NumberCodec

MAX_SILENT_BINS: Final = 366 * 24
"""Bins without any news after which the feed is taken to have stopped."""


@dataclass(slots=True)
class FeedTotals:
    """Counts over all subjects and bins.

    Attributes:
        levels: sum of the subjects' levels, in stories per bin.
        subjects: number of subjects.
        bins: number of bins that were closed.
        seasons: sum of the closed bins' weekly factors.
        bins_since_start: bins closed since the feed began, or began again after an outage.
        silent_bins: bins closed since the last signal.
    """

    levels: float = 0.0
    subjects: int = 0
    bins: int = 0
    seasons: float = 0.0
    bins_since_start: int = 0
    silent_bins: int = 0

    def add_bin(self, season: float, *, is_silent: bool) -> None:
        """Count a closed bin with its weekly factor."""
        self.bins += 1
        self.seasons += season
        self.bins_since_start += 1
        self.silent_bins = self.silent_bins + 1 if is_silent else 0


@dataclass(slots=True)
class WeightRatio:
    """E[w²] / E[w] of a story's negative weight w, of all subjects.

    It is 1 if each story is either negative or not, and less if stories are half negative.

    Attributes:
        negative: decayed sum of the weights.
        squares: decayed sum of their squares.

    >>> WeightRatio().estimate, WeightRatio(negative=60.0, squares=28.0).estimate
    (1.0, 0.6)
    """

    negative: float = 0.0
    squares: float = 0.0

    @property
    def estimate(self) -> float:
        """The ratio, shrunk towards 1."""
        return (self.squares + MARKET_PRIOR_WEIGHT) / (self.negative + MARKET_PRIOR_WEIGHT)

    def learn(self, negative: float, squares: float) -> None:
        """Learn from one bin of all subjects."""
        self.negative = self.negative * BIN_DECAY + negative
        self.squares = self.squares * BIN_DECAY + squares


@dataclass(slots=True)
class PopulationPriors:
    """Everything that is learnt from all subjects.

    Attributes:
        totals: counts over all subjects and bins.
        count_dispersion: excess variance of the subjects' counts.
        window_dispersion: excess variance of the subjects' windows.
        weight_ratio: how clear-cut the stories' negative weights are.
        tail: peaks of the subjects' evidence.
        fdr: state of the test for discoveries.
        profile: pattern of the week.
    """

    totals: FeedTotals = field(default_factory=FeedTotals)
    count_dispersion: DecayedMean = field(default_factory=DecayedMean)
    window_dispersion: DecayedMean = field(default_factory=DecayedMean)
    weight_ratio: WeightRatio = field(default_factory=WeightRatio)
    tail: PeakTail = field(default_factory=PeakTail)
    fdr: OnlineFdr = field(default_factory=OnlineFdr)
    profile: WeeklyProfile = field(default_factory=WeeklyProfile)

    def to_bytes(self) -> bytes:
        """Return about 3 KB, most of them for the pattern of the week."""
        return _CODEC.pack(self) + self.profile.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the priors that `to_bytes` wrote."""
        priors = cls(profile=WeeklyProfile.from_bytes(data[_CODEC.size :]))
        _CODEC.unpack_into(priors, data[: _CODEC.size])
        return priors


_CODEC: Final = NumberCodec.of(PopulationPriors())


def volume_factor(market: Expected, market_count: float, expected: Expected, count: float) -> float:
    """Return how many times more news than expected the other subjects have, at least 1.

    This is the posterior mean of a gamma-distributed factor, so a small market hardly moves
    anybody.

    Args:
        market: forecast of the market's count, which includes the subject's.
        market_count: the market's observed count.
        expected: forecast of the subject's count.
        count: the subject's observed count.
    """
    others = max(market.mean - expected.mean, 0.0)
    return max((market.size + market_count - count) / (market.size + others), 1.0)
