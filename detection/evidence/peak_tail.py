"""The threshold that ordinary evidence exceeds as often as the promised rate of false alarms.

If the forecast were right in every respect, peaks of the evidence would be exponential with a mean
excess of 1. Real news is wilder, and its model is estimated. So peaks above `PEAK_FLOOR` are
counted, and the threshold is set where their exponential tail is exceeded at the promised rate:
the peaks-over-threshold method, as in A. Siffer et al., "Anomaly detection in streams with extreme
value theory" (KDD 2017), with an exponential tail. A peak that raised an alert counts as censored
at the threshold. A subject's own tail is shrunk towards the population's, and that one towards a
cautious prior.

>>> calm, wild = PeakTail(), PeakTail()
>>> for _ in range(100):
...     calm.watched += 100
...     calm.add_peak(PEAK_FLOOR + 0.5)
...     wild.watched += 100
...     wild.add_peak(PEAK_FLOOR + 4.0)
>>> round(calm.threshold(calm, 1e-4), 1), round(wild.threshold(wild, 1e-4), 1)
(5.4, 29.5)
"""

from dataclasses import dataclass
from math import log
from typing import Final

PEAK_FLOOR: Final = 1.0
"""Evidence above which a peak counts for the tail."""
RISE_FLOOR: Final = PEAK_FLOOR / 2.0
"""Evidence from which it counts as rising. An alert's onset is the bin in which its rise began."""
PRIOR_PEAK_RATE: Final = 0.012
"""Peaks per bin before any were counted."""
MIN_SCALE: Final = 0.5
"""Lower bound of the mean excess of a peak."""
MIN_PEAKS_PER_ALERT: Final = 2.0
"""Lower bound of (peaks) / (alerts allowed): keeps the threshold above the floor."""
SCALE_SAFETY_FACTOR: Final = 1.7
"""Factor of the estimated scale, since tails are heavier farther out."""
PRIOR_WEIGHT: Final = 20.0
"""Weight of the prior against the population's tail, in peaks."""
POPULATION_WEIGHT: Final = 300.0
"""Weight of the population's tail against a subject's own, in peaks. A subject's first crisis is a
few large peaks: with a small weight it would raise the subject's own threshold for good."""


@dataclass(slots=True)
class PeakTail:
    """Counts of the peaks above `PEAK_FLOOR`.

    Attributes:
        watched: bins in which no alert fired.
        peaks: peaks that raised no alert.
        fired: peaks that raised an alert.
        excess: sum of the peaks' excess above the floor, up to the threshold.
    """

    watched: float = 0.0
    peaks: float = 0.0
    fired: float = 0.0
    excess: float = 0.0

    def add(self, counts: "PeakTail") -> None:
        """Add the counts of another tail."""
        self.watched += counts.watched
        self.peaks += counts.peaks
        self.fired += counts.fired
        self.excess += counts.excess

    def add_peak(self, evidence: float) -> None:
        """Count a peak that raised no alert."""
        if evidence > PEAK_FLOOR:
            self.peaks += 1.0
            self.excess += evidence - PEAK_FLOOR

    def add_censored(self, threshold: float) -> None:
        """Count a peak that raised an alert; how far it would have gone is unknown."""
        self.fired += 1.0
        self.excess += threshold - PEAK_FLOOR

    def threshold(self, population: "PeakTail", rate: float) -> float:
        """Return the evidence that is exceeded ``rate`` times a bin."""
        return PEAK_FLOOR + self.scale_estimate(population) * self.rarity(population, rate)

    def rarity(
        self, population: "PeakTail", rate: float, weight: float = POPULATION_WEIGHT
    ) -> float:
        """Return the logarithm of the number of peaks for each that may raise an alert.

        The ``population`` counts ``weight`` peaks.
        """
        population_peaks = population.peaks + population.fired + PRIOR_WEIGHT
        population_rate = population_peaks / (population.watched + PRIOR_WEIGHT / PRIOR_PEAK_RATE)
        peaks = self.peaks + self.fired + weight
        peak_rate = peaks / (self.watched + weight / population_rate)
        return log(max(peak_rate / rate, MIN_PEAKS_PER_ALERT))

    def scale_estimate(
        self,
        population: "PeakTail",
        safety_factor: float = SCALE_SAFETY_FACTOR,
        weight: float = POPULATION_WEIGHT,
    ) -> float:
        """Return the mean excess of a peak: what the threshold gains if the rate falls by 1/e.

        The ``population`` counts ``weight`` peaks.
        """
        population_scale = (population.excess + PRIOR_WEIGHT) / (population.peaks + PRIOR_WEIGHT)
        scale = (self.excess + weight * population_scale) / (self.peaks + weight)
        return safety_factor * max(MIN_SCALE, scale)
