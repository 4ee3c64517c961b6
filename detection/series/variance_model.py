"""Variance of decayed sums of counts around their expectation.

A sum has the expectation M, and would have the variance P if its counts were independent (a Poisson
process). Its variance is modelled as ::

    linear * P + quadratic * M**2

The linear term stands for things that come in clusters at any time, the quadratic term for whole
hours that are busier or calmer than expected. Both factors are estimated by weighted least squares
of the squared errors, with exponential forgetting (A. C. Cameron and P. K. Trivedi, "Regression
Analysis of Count Data", 2013, section 3.3).

>>> steady, wild = VarianceModel(), VarianceModel()
>>> for number in range(2000):
...     steady.learn(50.0, 50.0, 50.0 * (number % 2 * 2), 0.5)
...     wild.learn(50.0, 50.0, 2500.0 * (number % 2), 0.5)
>>> [round(model.law().variance(50.0, 50.0) / 50.0, 1) for model in (steady, wild)]
[1.1, 25.2]
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from detection.expected.decayed_mean import BIN_DECAY

INITIAL_QUADRATIC: Final = 0.7
"""Quadratic factor assumed before any sum was observed: a cautious one."""
PRIOR_WEIGHT_BINS: Final = 48.0
"""Weight of the assumed factors, in observed bins."""
MIN_QUADRATIC: Final = 0.002
"""Lower bound of the quadratic factor: no forecast is exact."""
MIN_LINEAR: Final = 1.0
"""Lower bound of the linear factor: counts vary at least as much as in a Poisson process."""
_PRIOR_WEIGHT: Final = PRIOR_WEIGHT_BINS / 4.0
"""Prior weight of either factor in the sums, as if both terms were of equal size."""


class VarianceLaw(NamedTuple):
    """Factors of the variance: ``linear`` of the Poisson variance, ``quadratic`` of the mean²."""

    linear: float
    quadratic: float

    def variance(self, mean: float, poisson_variance: float) -> float:
        """Return the variance of a sum with this expectation and Poisson variance.

        >>> VarianceLaw(1.0, 0.5).variance(10.0, 4.0)
        54.0
        """
        return self.linear * poisson_variance + self.quadratic * mean * mean


@dataclass(slots=True)
class VarianceModel:
    """Decayed sums of the normal equations of a regression of squared errors.

    The regressors are the Poisson variance P and the squared mean M² of each sum. Each product is
    divided by the squared variance that the model expected, and summed over bins.

    Attributes:
        poisson_poisson: Sum of P * P.
        poisson_square: Sum of P * M².
        square_square: Sum of M² * M².
        poisson_error: Sum of P * squared error.
        square_error: Sum of M² * squared error.
        initial_quadratic: Quadratic factor assumed before any sum was observed.
    """

    poisson_poisson: float = 0.0
    poisson_square: float = 0.0
    square_square: float = 0.0
    poisson_error: float = 0.0
    square_error: float = 0.0
    initial_quadratic: float = INITIAL_QUADRATIC

    def law(self) -> VarianceLaw:
        """Return the estimated factors, shrunk towards 1 and the initial quadratic factor."""
        initial = self.initial_quadratic
        poisson_poisson = self.poisson_poisson + _PRIOR_WEIGHT
        square_square = self.square_square + _PRIOR_WEIGHT / (initial * initial)
        poisson_error = self.poisson_error + _PRIOR_WEIGHT
        square_error = self.square_error + _PRIOR_WEIGHT / initial
        poisson_square = self.poisson_square

        determinant = poisson_poisson * square_square - poisson_square * poisson_square
        quadratic = (square_error * poisson_poisson - poisson_error * poisson_square) / determinant
        if quadratic < MIN_QUADRATIC:
            linear = (poisson_error - poisson_square * MIN_QUADRATIC) / poisson_poisson
            return VarianceLaw(max(linear, MIN_LINEAR), MIN_QUADRATIC)

        linear = (poisson_error * square_square - square_error * poisson_square) / determinant
        if linear < MIN_LINEAR:
            quadratic = (square_error - poisson_square * MIN_LINEAR) / square_square
            return VarianceLaw(MIN_LINEAR, max(quadratic, MIN_QUADRATIC))
        return VarianceLaw(linear, quadratic)

    def learn(
        self, mean: float, poisson_variance: float, squared_error: float, bins: float
    ) -> None:
        """Count a sum with this expectation, Poisson variance and squared error for ``bins``."""
        variance = self.law().variance(mean, poisson_variance)
        fade, square = BIN_DECAY**bins, mean * mean / variance
        poisson = poisson_variance / variance
        error = squared_error / variance
        self.poisson_poisson = self.poisson_poisson * fade + bins * poisson * poisson
        self.poisson_square = self.poisson_square * fade + bins * poisson * square
        self.square_square = self.square_square * fade + bins * square * square
        self.poisson_error = self.poisson_error * fade + bins * poisson * error
        self.square_error = self.square_error * fade + bins * square * error
