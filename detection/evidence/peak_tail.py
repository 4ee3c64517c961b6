"""From the promised rate of false alarms to a threshold, by how high ordinary evidence climbs.

Were the prediction right in every respect, peaks of the evidence would fall off by a factor of e
for each unit of its logarithm. News is wilder, and its model is estimated. So the peaks beyond
`MILD` are watched, and the threshold stands where the exponential law of their excess says that
they come at the promised rate: the peaks-over-threshold method, as in A. Siffer et al., "Anomaly
detection in streams with extreme value theory" (KDD 2017), with an exponential tail. Peaks that
raised an alert count as censored there. A subject's own tail is shrunk towards the population's,
and that one towards what is safe to begin with.

>>> calm, wild = PeakTail(), PeakTail()
>>> for _ in range(100):
...     calm.watch(100)
...     calm.peak(MILD + 0.5)
...     wild.watch(100)
...     wild.peak(MILD + 4.0)
>>> round(calm.threshold(calm, 1e-4), 1), round(wild.threshold(wild, 1e-4), 1)
(3.8, 22.7)
"""

from dataclasses import dataclass
from math import log
from typing import Final

MILD: Final = 1.0
"""Logarithm of the evidence beyond which a peak tells of the tail."""
THEORY: Final = 0.012
"""Peaks beyond `MILD` a bin, before any were counted."""
STEEPEST: Final = 0.5
"""The least scale."""
FEWEST: Final = 2.0
"""Peaks beyond `MILD` for each that may raise an alert, at least."""
WILDER: Final = 1.2
"""Factor of the scale: the farther out, the wilder."""
PEAKS: Final = 20.0
"""Peaks that what is known from elsewhere weighs against a subject's own."""


@dataclass(slots=True)
class PeakTail:
    """How many bins were watched, the peaks beyond `MILD` in them, and their excess added up."""

    watched: float = 0.0
    peaks: float = 0.0
    fired: float = 0.0
    excess: float = 0.0

    def watch(self, bins: float = 1) -> None:
        """Count bins in which no alert fired."""
        self.watched += bins

    def peak(self, evidence: float) -> None:
        """Count a peak that ended by itself."""
        if evidence > MILD:
            self.peaks += 1.0
            self.excess += evidence - MILD

    def censored(self, threshold: float) -> None:
        """Count a peak that went beyond the threshold, who knows how far."""
        self.fired += 1.0
        self.excess += threshold - MILD

    def threshold(self, others: "PeakTail", rate: float) -> float:
        """What evidence exceeds ``rate`` times a bin. ``others`` is the population's tail."""
        return MILD + self.slope(others) * self.rarity(others, rate)

    def rarity(self, others: "PeakTail", rate: float) -> float:
        """Logarithm of the peaks beyond `MILD` for each that may raise an alert."""
        times = self.often(others.often(THEORY)) / rate
        return log(max(times, FEWEST))

    def slope(self, others: "PeakTail", wilder: float = WILDER) -> float:
        """Evidence by which the threshold rises for a rate that is lower by a factor of e."""
        scale = (self.excess + PEAKS * others.scale) / (self.peaks + PEAKS)
        return wilder * (max(STEEPEST, scale))

    @property
    def scale(self) -> float:
        """Mean excess of a peak beyond `MILD`; known as if from `PEAKS` more of 1."""
        return (self.excess + PEAKS) / (self.peaks + PEAKS)

    def often(self, usual: float) -> float:
        """Peaks beyond `MILD` a bin; known as if from `PEAKS` more at the ``usual`` rate."""
        return (self.peaks + self.fired + PEAKS) / (self.watched + PEAKS / usual)
