"""By how much a sum of counts strays from its expectation, learnt from sums like it.

With an expectation of M, of which C would be the variance were it Poisson's, the variance is taken
to be ::

    grain * C + swing * M**2

where things come in clusters of any hour, and whole hours are busy or not. Both factors are found
by weighted least squares of the squared errors, whose past is forgotten exponentially (A. C.
Cameron and P. K. Trivedi, "Regression Analysis of Count Data", 2013, section 3.3).

>>> steady, wild = VarianceModel(), VarianceModel()
>>> for number in range(2000):
...     steady.learn(50.0, 50.0, 50.0 * (number % 2 * 2), 0.5)
...     wild.learn(50.0, 50.0, 2500.0 * (number % 2), 0.5)
>>> [round(it.law().variance(50.0, 50.0) / 50.0, 1) for it in (steady, wild)]
[1.1, 25.2]
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from detection.expected.decayed_mean import BIN_DECAY

FIRST: Final = 0.7
"""The least swing before anything was seen."""
UNSEEN: Final = 48.0
"""Bins that it counts."""
LEAST_SWING: Final = 0.002
LEAST_GRAIN: Final = 1.0
"""Counts vary by no less than Poisson's law."""
_EACH: Final = UNSEEN / 4.0
"""Weight of either factor before anything was seen, as in sums where both matter alike."""


class VarianceLaw(NamedTuple):
    """The two factors."""

    grain: float
    swing: float

    def variance(self, mean: float, chance: float) -> float:
        """Of a sum with this ``mean``, whose variance is ``chance`` where it is Poisson's.

        >>> VarianceLaw(1.0, 0.5).variance(10.0, 4.0)
        54.0
        """
        return self.grain * chance + self.swing * mean * mean


@dataclass(slots=True)
class VarianceModel:
    """Forgetting sums: normal equations of least squares. ``first`` is the swing without any."""

    chances: float = 0.0
    both: float = 0.0
    squares: float = 0.0
    by_chance: float = 0.0
    by_square: float = 0.0
    first: float = FIRST

    def law(self) -> VarianceLaw:
        """What was learnt, shrunk towards a grain of 1 and the first swing."""
        first = self.first
        chances, squares = self.chances + _EACH, self.squares + _EACH / (first * first)
        by_chance, by_square = self.by_chance + _EACH, self.by_square + _EACH / first
        both = self.both
        scale = chances * squares - both * both
        swing = (by_square * chances - by_chance * both) / scale
        if swing < LEAST_SWING:
            grain = (by_chance - both * LEAST_SWING) / chances
            return VarianceLaw(max(grain, LEAST_GRAIN), LEAST_SWING)
        grain = (by_chance * squares - by_square * both) / scale
        if grain < LEAST_GRAIN:
            return VarianceLaw(
                LEAST_GRAIN, max((by_square - both * LEAST_GRAIN) / squares, LEAST_SWING)
            )
        return VarianceLaw(grain, swing)

    def learn(self, mean: float, chance: float, error: float, bins: float) -> None:
        """Count a sum that was off by the square root of ``error``, known for ``bins``."""
        law = self.law()
        variance = law.variance(mean, chance)
        fade, square = BIN_DECAY**bins, mean * mean / variance
        chance /= variance
        error /= variance
        self.chances = self.chances * fade + bins * chance * chance
        self.both = self.both * fade + bins * chance * square
        self.squares = self.squares * fade + bins * square * square
        self.by_chance = self.by_chance * fade + bins * chance * error
        self.by_square = self.by_square * fade + bins * square * error
