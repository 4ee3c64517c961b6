"""95 % confidence intervals."""

from math import sqrt
from typing import Final, NamedTuple

from scipy.stats import chi2

LEVEL: Final = 0.95
_Z: Final = 1.959964


class Interval(NamedTuple):
    """An estimate between two bounds."""

    low: float
    value: float
    high: float

    def __format__(self, spec: str) -> str:
        low, value, high = (format(bound, spec) for bound in self)
        return f"{value} ({low}\u2013{high})"


def rate(events: int, exposure: float) -> Interval:
    """Return the rate of a Poisson process with its exact interval (Garwood 1936).

    >>> f"{rate(10, 100):.3f}"
    '0.100 (0.048\u20130.184)'
    """
    tail = (1.0 - LEVEL) / 2.0
    low = chi2.ppf(tail, 2 * events) / 2.0 if events else 0.0
    high = chi2.ppf(1.0 - tail, 2 * events + 2) / 2.0
    return Interval(low / exposure, events / exposure, high / exposure)


def share(hits: int, trials: int) -> Interval:
    """Return a binomial share with Wilson's interval (Wilson 1927).

    >>> f"{share(50, 100):.2f}"
    '0.50 (0.40\u20130.60)'
    """
    if not trials:
        return Interval(0.0, 0.0, 1.0)
    observed, spread = hits / trials, _Z**2 / trials
    middle = (observed + spread / 2.0) / (1.0 + spread)
    variance = observed * (1.0 - observed) / trials + spread / (4.0 * trials)
    half = _Z * sqrt(variance) / (1.0 + spread)
    return Interval(middle - half, observed, middle + half)
