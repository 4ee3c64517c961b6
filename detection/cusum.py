"""The sequential test of numbers without texts: evidence gathers while a surge explains them.

Each run is a CUSUM (E. S. Page, Biometrika 1954) of the predictive log likelihood ratio of one size
of surge. Every factor is a ratio of two predictive probabilities, so while nothing is new and the
prediction is right, the mean of the runs' likelihood ratios exceeds ``t`` not more often than once
in ``t`` bins on average: J. Shin, A. Ramdas and A. Rinaldo, "E-detectors: a nonparametric framework
for sequential change detection" (2023).

>>> runs, usual = Cusum(), Expected(mean=2.0, size=4.0, shape=100.0)
>>> for number, count in enumerate([2, 1, 3, 2, 9, 12, 8]):
...     runs.weigh(Bin(number, volume=count, negative=count, expected=2.0), usual, 9.0)
>>> runs.evidence > 2, runs.leading.onset
(True, 4)
"""

from dataclasses import dataclass, field
from math import log
from typing import Final

from detection.bins import Bin, Total
from detection.volume import Expected

EFFECTS: Final = (2.0, 4.0, 12.0)
"""Times the expected volume that surges are tested for."""
HEADROOM: Final = 3.0
"""How far the evidence may climb above the threshold before an alert fires."""
_MIXED: Final = log(len(EFFECTS))
"""What a run's logarithm loses by being one of a mixture."""
_LOGS: Final = tuple((effect, log(effect)) for effect in EFFECTS)


@dataclass(slots=True)
class Run:
    """A CUSUM of one effect; ``total`` runs since it left zero."""

    statistic: float = 0.0
    total: Total = field(default_factory=Total)

    def add(self, it: Bin, gain: float, most: float) -> None:
        """Count a bin that speaks for the effect by ``gain``; begin anew where none is left."""
        self.statistic = min(self.statistic + gain, most)
        if self.statistic <= 0.0:
            self.clear()
        else:
            self.total.add(it)

    def clear(self) -> None:
        """Back to zero."""
        self.statistic = 0.0
        self.total.clear()


@dataclass(slots=True)
class Cusum:
    """One run for each of `EFFECTS`."""

    runs: list[Run] = field(default_factory=lambda: [Run() for _ in EFFECTS])

    def weigh(self, it: Bin, expected: Expected, most: float) -> None:
        """Let a bin speak for or against each effect; no evidence grows beyond ``most``."""
        mean, size = expected.mean, expected.size
        for run, (effect, logarithm) in zip(self.runs, _LOGS, strict=True):
            spread = log((size + effect * mean) / (size + mean))
            run.add(it, it.volume * (logarithm - spread) - size * spread, most + _MIXED)

    def clear(self) -> None:
        """Forget all evidence."""
        for run in self.runs:
            run.clear()

    @property
    def evidence(self) -> float:
        """Natural logarithm of what the leading run adds to the mixture, but at least 0."""
        return max(max(run.statistic for run in self.runs) - _MIXED, 0.0)

    @property
    def over(self) -> bool:
        """Whether no run is above zero."""
        return not any(run.statistic for run in self.runs)

    @property
    def leading(self) -> Total:
        """What came since the onset, of the effect that explains the news best."""
        return max(self.runs, key=lambda run: run.statistic).total
