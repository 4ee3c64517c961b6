"""The sequential test: evidence gathers while a surge explains the news better than nothing new.

Each `Run` is a CUSUM (E. S. Page, Biometrika 1954) of the predictive log likelihood ratio of one
size of effect, volume and share together. The evidence is their mixture. Every factor is a ratio
of two predictive probabilities, so while nothing is new and the prediction is right, the mixture
exceeds ``t`` not more often than once in ``t`` bins on average: J. Shin, A. Ramdas and A. Rinaldo,
"E-detectors: a nonparametric framework for sequential change detection" (2023).

>>> runs = [Run() for _ in EFFECTS]
>>> usual = Expected(mean=2.0, size=4.0, shape=100.0)
>>> for bin, count in enumerate([2, 1, 3, 2, 9, 12, 8]):
...     weigh(runs, Bin(bin, count, count * 0.3, count, count, usual.mean, 0.3), usual)
>>> evidence(runs) > 3, leading(runs).onset
(True, 4)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final, NamedTuple

from detection.share import surprise
from detection.volume import Expected

EFFECTS: Final = (1.0, 2.0, 4.0, 12.0)
"""Times the expected volume that surges are tested for; at 1 the share alone must be darker."""
_LOGS: Final = tuple(map(log, EFFECTS))


class Bin(NamedTuple):
    """One bin of one subject: what came, and what was expected."""

    number: int
    volume: float
    negative: float
    stories: int
    signals: int
    expected: float
    share: float


@dataclass(slots=True)
class Run:
    """A CUSUM of one effect. The sums run since ``onset``, its last bin at zero."""

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


def weigh(runs: Sequence[Run], it: Bin, expected: Expected) -> None:
    """Let a bin speak for or against each effect. ``expected.mean`` includes the market's move."""
    if it.volume == 0.0:
        _weigh_silence(runs, it, expected)
        return
    dark = surprise(it.negative, it.volume, it.share)
    mixed = log(0.5 + 0.5 * exp(min(dark, 300.0)))
    mean, size = expected.mean, expected.size
    runs[0].add(it, dark)
    for number in range(1, len(EFFECTS)):
        spread = log((size + EFFECTS[number] * mean) / (size + mean))
        runs[number].add(it, it.volume * (_LOGS[number] - spread) - size * spread + mixed)


def _weigh_silence(runs: Sequence[Run], it: Bin, expected: Expected) -> None:
    mean, size = expected.mean, expected.size
    for number, run in enumerate(runs):
        if run.statistic:
            run.add(it, -size * log((size + EFFECTS[number] * mean) / (size + mean)))


def evidence(runs: Sequence[Run]) -> float:
    """Natural logarithm of the mixture, 0 where every run is at zero."""
    top = max(run.statistic for run in runs)
    if top == 0.0:
        return 0.0
    return top + log(sum(exp(run.statistic - top) for run in runs) / len(runs))


def leading(runs: Sequence[Run]) -> Run:
    """The run of the effect that explains the news best."""
    return max(runs, key=lambda run: run.statistic)
