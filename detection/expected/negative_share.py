"""The share of a subject's news that is negative, and arithmetic on shares.

The stories' weights add up to a fractional number of negative stories. A subject's own share is
shrunk towards the market's. While the whole market is darker than normal, a darker share is
expected of each subject as well.

>>> from detection.expected.decayed_mean import DecayedMean
>>> share = DecayedMean()
>>> for _ in range(100):
...     share.learn(2.0, 10.0)
>>> round(share.shrunk(0.4, SHARE_PRIOR_WEIGHT), 2), round(shift_log_odds(0.2, 1.0), 2)
(0.2, 0.4)
"""

from math import exp, log
from typing import Final

SHARE_PRIOR_WEIGHT: Final = 6.0
"""Weight of the market's share against a subject's own, in stories."""
MIN_SHARE: Final = 0.03
"""Lower bound of a share whose logarithm is taken."""
MAX_SHARE: Final = 0.8
"""Upper bound, likewise: news that is always dark cannot become darker."""


def divergence(share: float, expected: float) -> float:
    """Return the Kullback-Leibler divergence of two Bernoulli laws, in nats for each story.

    >>> divergence(0.3, 0.3), round(divergence(0.6, 0.3), 2)
    (0.0, 0.19)
    """
    share, expected = clamp(share), clamp(expected)
    return share * log(share / expected) + (1.0 - share) * log((1.0 - share) / (1.0 - expected))


def shift_log_odds(share: float, shift: float) -> float:
    """Return ``share`` after adding ``shift`` to its log odds."""
    odds = share / (1.0 - share) * exp(shift)
    return odds / (1.0 + odds)


def clamp(share: float) -> float:
    """Return ``share``, but no less than `MIN_SHARE` and no more than `MAX_SHARE`."""
    if MIN_SHARE < share < MAX_SHARE:
        return share
    return MIN_SHARE if share <= MIN_SHARE else MAX_SHARE
