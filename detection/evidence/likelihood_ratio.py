"""The evidence of a surge of negative news in a subject's window, from its volume and its share.

The negative volume is taken to be gamma distributed, with the window's expectation and variance,
and the negative share Beta-binomial. Each adds the log likelihood ratio of the surge that fits the
window best against no surge, which is half the law's deviance (P. McCullagh and J. A. Nelder,
"Generalized Linear Models", 1989, sections 4.4 and 8.3).

>>> calm = AdjustedWindow(20.0, 6.0, expected=6.0, chance=3.0, share=0.3, baseline_share=0.3)
>>> busy = calm._replace(volume=60.0, negative=18.0)
>>> dark = busy._replace(negative=36.0)
>>> [round(log_likelihood_ratio(window, 0.5), 1) for window in (calm, busy, dark)]
[0.0, 1.5, 10.8]
"""

from math import log
from typing import Final

from detection.expected.market_adjustment import AdjustedWindow
from detection.expected.negative_share import divergence
from detection.expected.overdispersion import window_variance

SHARE_CONCENTRATION: Final = 50.0
"""Concentration of the Beta law by which the share varies from one half day to the next."""


def log_likelihood_ratio(window: AdjustedWindow, dispersion: float) -> float:
    """Return the natural log likelihood ratio of a surge against none, at least 0."""
    if min(window.volume, window.negative, window.expected) <= 0.0:
        return 0.0
    return max(volume_term(window, dispersion) + share_term(window), 0.0)


def volume_term(window: AdjustedWindow, dispersion: float) -> float:
    """Return half the gamma deviance of the negative volume; 0 if no more came than expected."""
    factor = window.negative / window.expected
    if factor <= 1.0:
        return 0.0
    variance = window_variance(window.expected, window.chance, dispersion)
    return window.expected**2 / variance * (factor - 1.0 - log(factor))


def share_term(window: AdjustedWindow) -> float:
    """Return the evidence of the negative share.

    It is positive if the share is above the one expected in this market, and negative if it is
    below the subject's own baseline.
    """
    share = window.negative / window.volume
    # The number of independent stories with the same variance as the Beta-binomial law's.
    stories = (
        window.volume
        * (SHARE_CONCENTRATION + 1.0)
        / (SHARE_CONCENTRATION + max(window.volume, 1.0))
    )
    if share > window.share:
        return stories * divergence(share, window.share)
    if share < window.baseline_share:
        return -stories * divergence(share, window.baseline_share)
    return 0.0
