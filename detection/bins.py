"""Bins of one subject, open and closed, spans of empty ones, and totals since an onset."""

from dataclasses import dataclass
from math import sqrt
from typing import Final, NamedTuple

from detection.expected.volume_model import Expected, Prior

MAX_COUNT_DEVIATIONS: Final = 6.0
"""Standard deviations above its expectation at which a bin is clipped before it is learnt."""


class Bin(NamedTuple):
    """The observed and the expected news of one bin.

    Attributes:
        number: index of the bin.
        volume: number of stories, weighted by relevance.
        negative: negative volume, the sum of the stories' weights (`negative_weight`).
        expected: volume that is expected while the market is as it is now.
        share: negative share that is expected while the market is as it is now.
        baseline: volume that is expected in a normal market.
        baseline_share: negative share that is expected in a normal market.
        weight_ratio: E[w²] / E[w] of a story's negative weight w.
        stories: number of stories.
        signals: number of signals; several may tell one story.
    """

    number: int
    volume: float
    negative: float
    expected: float
    share: float = 1.0
    baseline: float = 0.0
    baseline_share: float = 1.0
    weight_ratio: float = 1.0
    stories: int = 0
    signals: int = 0


@dataclass(slots=True)
class OpenBin:
    """News of the bin that is still open.

    Attributes:
        volume: number of stories, weighted by relevance.
        negative: sum of the stories' weights (`negative_weight`).
        squares: sum of the squares of these weights.
        stories: number of stories.
        signals: number of signals.
    """

    volume: float = 0.0
    negative: float = 0.0
    squares: float = 0.0
    stories: int = 0
    signals: int = 0

    def add(self, volume: float, negative: float) -> None:
        """Add the volume and the negative volume of a story."""
        self.volume += volume
        self.negative += negative

    def clipped(self, expected: Expected) -> "OpenBin":
        """Return the bin with its volume, and all of it alike, clipped at an outlier's bound.

        >>> OpenBin(volume=100.0, negative=50.0).clipped(Expected(2.0, 2.0, 9.0))
        OpenBin(volume=14.0, negative=7.0, squares=0.0, stories=0, signals=0)
        """
        if not self.volume:
            return OpenBin(stories=self.stories, signals=self.signals)
        volume, mean = self.volume, expected.mean
        if volume > mean:  # most are below, and need no square root
            deviation = sqrt(mean + mean * mean / expected.size)
            volume = min(volume, mean + MAX_COUNT_DEVIATIONS * deviation)
        negative = self.negative * volume / self.volume
        squares = self.squares * volume / self.volume
        return OpenBin(volume, negative, squares, self.stories, self.signals)


class QuietSpan(NamedTuple):
    """Consecutive bins without news, and what was expected of each.

    Attributes:
        bins: number of bins.
        season: mean of their weekly factors.
        prior: prior of the subject's level.
        expected: forecast of one bin's count.
        share: expected negative share.
        weight_ratio: E[w²] / E[w] of a story's negative weight w.
    """

    bins: int
    season: float
    prior: Prior
    expected: Expected
    share: float
    weight_ratio: float = 1.0


def ratio(numerator: float, denominator: float) -> float:
    """Return the ratio, or 0 if the denominator is 0.

    >>> ratio(1.0, 4.0), ratio(1.0, 0.0)
    (0.25, 0.0)
    """
    return numerator / denominator if denominator else 0.0


@dataclass(slots=True)
class Total:
    """Sums over the bins since an onset.

    Attributes:
        bins: number of bins.
        onset: number of the first bin.
        volume: observed volume.
        negative: observed negative volume.
        expected: expected volume.
        expected_negative: expected negative volume.
        stories: number of stories.
        signals: number of signals.

    >>> total = Total()
    >>> total.add(Bin(7, volume=4.0, negative=3.0, expected=2.0, share=0.25))
    >>> total.onset, total.negative, total.expected_negative
    (7, 3.0, 0.5)
    """

    bins: int = 0
    onset: int = 0
    volume: float = 0.0
    negative: float = 0.0
    expected: float = 0.0
    expected_negative: float = 0.0
    stories: int = 0
    signals: int = 0

    def add(self, current: Bin) -> None:
        """Add a bin; the first one is the onset."""
        if not self.bins:
            self.onset = current.number
        self.bins += 1
        self.volume += current.volume
        self.negative += current.negative
        self.expected += current.expected
        self.expected_negative += current.expected * current.share
        self.stories += current.stories
        self.signals += current.signals
