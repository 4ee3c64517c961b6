"""The news of the last hours next to what was expected of them, and the evidence in the difference.

Negative stories of an exponential window are compared with their expectation. What they scatter by
is learnt at the very time scale at which they are summed, for news is modulated for whole days and
excites itself: evidence that treats hours as independent mistakes every busy day for a surge. So
the window's sum has the variance ``noise + swing * expected**2``, Poisson's part and a learnt one,
and the evidence is the log likelihood ratio of the observed rate against the expected one under the
negative binomial of that variance. Sources: J. M. Lucas and M. S. Saccucci, "Exponentially weighted
moving average control schemes" (1990); S. W. Roberts (1959).

>>> hours = Window()
>>> for _ in range(48):
...     hours.add(1.0, 0.3, 0.3)
>>> quiet = hours.evidence(0.5, 0.0)
>>> for _ in range(6):
...     hours.add(6.0, 4.0, 0.3)
>>> quiet, round(hours.evidence(0.5, 0.0), 1), round(hours.effect, 1)
(0.0, 3.9, 4.2)
"""

from dataclasses import dataclass
from math import log, sqrt
from typing import Final

FADE: Final = 0.5 ** (1.0 / 12.0)
"""What a bin leaves of the weight of those before it: half in twelve."""
NOISE_FADE: Final = FADE * FADE
MEMORY: Final = 1.0 - 1.0 / 1080.0
FIRST_SWING: Final = 1.0
"""Squared coefficient of variation of a window, before anything is learnt."""
LEAST_SWING: Final = 0.02
SHRINKAGE: Final = 60.0
"""Informative bins that the population's swing weighs against a subject's own."""
OUTLIER: Final = 5.0
"""Standard deviations beyond which the swing does not believe a window."""


@dataclass(slots=True)
class Window:
    """Forgetting sums: stories, negative ones, expected ones, and the Poisson variance of those.

    ``excess`` is the squared relative deviation beyond that, in ``weight`` informative bins.
    """

    volume: float = 0.0
    negative: float = 0.0
    dark: float = 0.0
    noise: float = 0.0
    excess: float = 0.0
    weight: float = 0.0

    def add(self, volume: float, negative: float, dark: float) -> None:
        """Count a bin in which ``dark`` negative stories were expected."""
        self.volume = self.volume * FADE + volume
        self.negative = self.negative * FADE + negative
        self.dark = self.dark * FADE + dark
        self.noise = self.noise * NOISE_FADE + dark

    def rest(self, bins: int, dark: float) -> None:
        """Let ``bins`` empty ones pass, in each of which ``dark`` were expected."""
        fade, noise_fade = FADE**bins, NOISE_FADE**bins
        self.volume *= fade
        self.negative *= fade
        self.dark = self.dark * fade + dark * (1.0 - fade) / (1.0 - FADE)
        self.noise = self.noise * noise_fade + dark * (1.0 - noise_fade) / (1.0 - NOISE_FADE)

    def swing(self, usual: float) -> float:
        """Squared coefficient of variation beyond Poisson's, shrunk towards the ``usual``."""
        return max((self.excess + SHRINKAGE * usual) / (self.weight + SHRINKAGE), LEAST_SWING)

    def deviation(self, swing: float, bins: int = 1) -> tuple[float, float]:
        """Squared relative deviation beyond Poisson's, and how informative it is.

        Added up over the present bin and those that follow, ``bins`` in all, if they are empty.
        """
        dark, noise = self.dark, self.noise
        if dark <= 0.0:
            return 0.0, 0.0
        square = dark * dark
        seen = min(self.negative, dark + OUTLIER * sqrt(noise + swing * square))
        once = (1.0 - FADE**bins) / (1.0 - FADE)
        twice = (1.0 - NOISE_FADE**bins) / (1.0 - NOISE_FADE)
        squares = seen * seen * twice - 2.0 * seen * dark * once + (square - noise) * bins
        weight = 1.0 / (square + noise)
        return weight * squares, weight * square * bins

    def learn(self, excess: float, weight: float, bins: float) -> None:
        """Make what ``bins`` told part of what is usual."""
        fade = MEMORY**bins
        self.excess = self.excess * fade + excess
        self.weight = self.weight * fade + weight

    def evidence(self, swing: float, doubt: float) -> float:
        """Natural logarithm; 0 where there is no more than expected.

        ``doubt`` is the squared relative standard error of the expectation.
        """
        if self.negative <= self.dark or self.noise <= 0.0:
            return 0.0
        # In units of noise / dark the window's sum is a count: its variance is its mean.
        unit = self.noise / self.dark
        seen, mean, size = self.negative / unit, self.dark / unit, 1.0 / (swing + doubt)
        return seen * log(seen / mean) - (seen + size) * log((seen + size) / (mean + size))

    @property
    def effect(self) -> float:
        """Negative volume as a multiple of the expected, one story added to both."""
        return (self.negative + 1.0) / (self.dark + 1.0)
