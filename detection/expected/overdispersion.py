"""The variance of a day's negative volume around its expectation, beyond chance.

News comes in busy days and breeds more news, so the sum of a window varies by more than the sum of
its hours' variances. The excess is learnt on the windows themselves. With an expectation of M and
a variance by chance of Q, the variance is modelled as

    Q + dispersion * M**2

by the method of moments (A. C. Cameron and P. K. Trivedi, "Regression Analysis of Count Data",
2013, section 3.3). Each window is weighted by how much it can tell. A subject's own dispersion is
shrunk towards that of all.

>>> steady, wild = DecayedMean(), DecayedMean()
>>> calm = AdjustedWindow(30.0, 10.0, expected=10.0, chance=5.0, share=0.3, baseline_share=0.3)
>>> for number in range(3000):
...     steady.learn(*window_excess(calm, 0.5))
...     wild.learn(*window_excess(calm._replace(negative=20.0 * (number % 2)), 0.5))
>>> steady.shrunk(0.5, POOL_PRIOR_WEIGHT) < 0.5 < wild.shrunk(0.5, POOL_PRIOR_WEIGHT)
True
"""

from math import sqrt
from typing import Final

from detection.evidence.decayed_window import WINDOW_DECAY, DecayedWindow
from detection.expected.decayed_mean import DecayedMean, remembered_bins
from detection.expected.market_adjustment import AdjustedWindow

FIRST_DISPERSION: Final = 1.0
"""The population's dispersion before any window was seen."""
FIRST_PRIOR_WEIGHT: Final = 300.0
"""Weight of `FIRST_DISPERSION`, in informative windows."""
POOL_PRIOR_WEIGHT: Final = 10_000.0
"""Weight of the population's dispersion against a subject's own, in windows. Hourly windows
overlap, so 10 000 carry the information of about 300 independent ones."""
MIN_DISPERSION: Final = 0.02
MAX_WINDOW_DEVIATIONS: Final = 5.0
"""Standard deviations above the expectation at which a sum is clipped before it is learnt."""


def window_dispersion(subject: DecayedMean, pool: DecayedMean) -> float:
    """Return the dispersion of a subject's windows, shrunk towards that of all windows."""
    population = max(MIN_DISPERSION, pool.shrunk(FIRST_DISPERSION, FIRST_PRIOR_WEIGHT))
    return max(MIN_DISPERSION, subject.shrunk(population, POOL_PRIOR_WEIGHT))


def window_variance(expected: float, chance: float, dispersion: float) -> float:
    """Return the variance of a window's negative volume."""
    return chance + dispersion * expected * expected


def window_excess(window: AdjustedWindow, dispersion: float) -> tuple[float, float] | None:
    """Return a window's excess variance relative to its squared expectation, and its weight.

    The first is already multiplied by the weight. None without an expectation. ``dispersion`` is
    the estimate so far, by which outliers are clipped.
    """
    expected, chance = window.expected, window.chance
    if expected <= 0.0:
        return None
    error = window.negative - expected
    if error > 0.0:
        deviation = sqrt(window_variance(expected, chance, dispersion))
        error = min(error, MAX_WINDOW_DEVIATIONS * deviation)
    weight = expected / (expected + chance / expected)
    return weight * (error * error - chance) / expected**2, weight


def quiet_span_excess(
    before: DecayedWindow, after: DecayedWindow, bins: int, dispersion: float
) -> tuple[float, float] | None:
    """Return the sum of `window_excess` over the ``bins`` windows of a span without news.

    The span begins with the window ``before`` and ends with ``after``. The expectation is taken
    to be the mean of theirs, while the negative volume only decays.
    """
    expected = (before.baseline_negative + after.baseline_negative) / 2.0
    chance = (before.chance + after.chance) / 2.0
    if expected <= 0.0:
        return None
    deviation = sqrt(window_variance(expected, chance, dispersion))
    negative = min(before.negative, expected + MAX_WINDOW_DEVIATIONS * deviation)

    # Sums of a geometric series, of its values and of their squares.
    decay = WINDOW_DECAY**bins
    values = WINDOW_DECAY * (1.0 - decay) / (1.0 - WINDOW_DECAY)
    squares = WINDOW_DECAY**2 * (1.0 - decay**2) / (1.0 - WINDOW_DECAY**2)
    errors = (
        negative * negative * squares
        - 2.0 * negative * expected * values
        + bins * expected * expected
    )

    # Of a long span, only as much counts as would be remembered at its end.
    remembered = remembered_bins(bins) / bins
    weight = remembered * (expected / (expected + chance / expected))
    return weight * (errors - bins * chance) / (expected * expected), weight * bins
