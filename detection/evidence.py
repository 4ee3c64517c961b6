"""The sequential test: evidence gathers while a surge explains the news better than nothing new.

Each `Run` is a CUSUM (E. S. Page, Biometrika 1954) of the predictive log likelihood ratio of one
size of effect, volume and share together. Every factor is a ratio of two predictive probabilities,
so while nothing is new and the prediction is right, the mean of the runs' likelihood ratios exceeds
``t`` not more often than once in ``t`` bins on average: J. Shin, A. Ramdas and A. Rinaldo,
"E-detectors: a nonparametric framework for sequential change detection" (2023).

>>> runs = [Run() for _ in EFFECTS]
>>> usual = Expected(mean=2.0, size=4.0, shape=100.0)
>>> for number, count in enumerate([2, 1, 3, 2, 9, 12, 8]):
...     weigh(runs, Bin(number, volume=count, negative=count * 0.3, expected=2.0), usual)
>>> evidence(runs) > 2, leading(runs).onset
(True, 4)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final, NamedTuple

from detection.volume import Expected

EFFECTS: Final = (1.0, 2.0, 4.0, 12.0)
"""Times the expected volume that surges are tested for; at 1 the share alone must be darker."""
SHARES: Final = log(len(EFFECTS))
"""What a run's logarithm loses by being one of a mixture."""
_LOGS: Final = tuple((effect, log(effect)) for effect in EFFECTS)
_HIGHEST: Final = 300.0


class Bin(NamedTuple):
    """What came in one bin of one subject, and what was expected.

    ``surprise`` is the log likelihood ratio of the share alone; where there is no share, 0.
    """

    number: int
    volume: float
    negative: float
    expected: float
    share: float = 1.0
    surprise: float = 0.0
    stories: int = 0
    signals: int = 0


@dataclass(slots=True)
class Run:
    """A CUSUM of one effect. The sums run since ``onset``, the bin that it left zero in."""

    statistic: float = 0.0
    onset: int = 0
    volume: float = 0.0
    negative: float = 0.0
    expected: float = 0.0
    dark: float = 0.0
    stories: int = 0
    signals: int = 0

    def add(self, it: Bin, gain: float) -> None:
        """Count a bin that speaks for the effect by ``gain``; begin anew where none is left."""
        statistic = self.statistic + gain
        if statistic <= 0.0:
            if self.statistic:
                self.clear()
            return
        if self.statistic == 0.0:
            self.onset = it.number
        self.statistic = statistic
        self.sum(it)

    def sum(self, it: Bin) -> None:
        """Add up what came and what was expected."""
        self.volume += it.volume
        self.negative += it.negative
        self.expected += it.expected
        self.dark += it.expected * it.share
        self.stories += it.stories
        self.signals += it.signals

    def clear(self) -> None:
        """Back to zero."""
        self.statistic = self.volume = self.negative = self.expected = self.dark = 0.0
        self.onset = self.stories = self.signals = 0

    def copy(self) -> "Run":
        """Another run that stands where this one does."""
        return Run(*(getattr(self, name) for name in self.__slots__))


def weigh(runs: Sequence[Run], it: Bin, expected: Expected) -> None:
    """Let a bin with news speak for or against each effect."""
    mean, size, volume = expected.mean, expected.size, it.volume
    runs[0].add(it, it.surprise)
    # A surge may be as dark as usual, or darker: half of the alternative each.
    mixed = log(0.5 + 0.5 * exp(min(it.surprise, _HIGHEST)))
    for run, (effect, logarithm) in zip(runs[1:], _LOGS[1:], strict=True):
        spread = log((size + effect * mean) / (size + mean))
        run.add(it, volume * (logarithm - spread) - size * spread + mixed)


def hush(runs: Sequence[Run], bins: int, it: Bin, expected: Expected) -> None:
    """Let ``bins`` without news speak against each effect; ``it`` holds what they had expected."""
    mean, size = expected.mean, expected.size
    for run, (effect, _) in zip(runs, _LOGS, strict=True):
        if run.statistic:
            run.add(it, -bins * size * log((size + effect * mean) / (size + mean)))


def evidence(runs: Sequence[Run]) -> float:
    """Natural logarithm of what the leading run adds to the mixture, but at least 0."""
    top = 0.0
    for run in runs:
        top = max(top, run.statistic)
    return max(top - SHARES, 0.0)


def leading(runs: Sequence[Run]) -> Run:
    """The run of the effect that explains the news best."""
    return max(runs, key=lambda run: run.statistic)
