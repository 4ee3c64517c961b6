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
"""Concentration of the Beta law by which the share varies from one day to the next."""


def log_likelihood_ratio(window: AdjustedWindow, dispersion: float) -> float:
    """Return the natural log likelihood ratio of a surge against none, at least 0."""
    volume, negative, expected = window.volume, window.negative, window.expected
    if min(volume, negative, expected) <= 0.0:
        return 0.0

    # Half the gamma deviance of the negative volume, if more came than expected.
    volume_term, factor = 0.0, negative / expected
    if factor > 1.0:
        variance = window_variance(expected, window.chance, dispersion)
        volume_term = expected**2 / variance * (factor - 1.0 - log(factor))

    # The share speaks for a surge if it is above the one expected in this market, and against one
    # if it is below the subject's own baseline. Its weight is the number of independent stories
    # with the same variance as the Beta-binomial law's.
    share_term, share = 0.0, negative / volume
    stories = volume * (SHARE_CONCENTRATION + 1.0) / (SHARE_CONCENTRATION + max(volume, 1.0))
    if share > window.share:
        share_term = stories * divergence(share, window.share)
    elif share < window.baseline_share:
        share_term = -stories * divergence(share, window.baseline_share)
    return max(volume_term + share_term, 0.0)
