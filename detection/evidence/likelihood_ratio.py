"""The evidence of a surge of negative news in a subject's window: volume and share together.

The sum of the negative probabilities, volume times share, is taken to be gamma distributed, with
the expectation's mean and the swing's variance, and the share Beta-binomial. Each adds the log
likelihood ratio of the size that explains the window best against nothing new, which is half the
law's deviance (P. McCullagh and J. A. Nelder, "Generalized Linear Models", 1989, sections 4.4 and
8.3).

>>> usual = Compared(20.0, 6.0, dark=6.0, chance=3.0, share=0.3, usual=0.3)
>>> busy = usual._replace(volume=60.0, negative=18.0)
>>> dark = busy._replace(negative=36.0)
>>> [round(evidence(it, swing=0.5), 1) for it in (usual, busy, dark)]
[0.0, 1.5, 10.8]
"""

from math import log
from typing import Final

from detection.expected.market_adjustment import Compared
from detection.expected.negative_share import divergence
from detection.expected.overdispersion import variance

CONCENTRATION: Final = 50.0
"""Of the Beta distribution of the share from one half day to the next."""


def evidence(it: Compared, swing: float) -> float:
    """Natural logarithm of the likelihood ratio of a surge against none, at least 0."""
    if min(it.volume, it.negative, it.dark) <= 0.0:
        return 0.0
    return max(more(it, swing) + darker(it), 0.0)


def more(it: Compared, swing: float) -> float:
    """What the negative volume says, if it is more than expected."""
    times = it.negative / it.dark
    if times <= 1.0:
        return 0.0
    return it.dark**2 / variance(it.dark, it.chance, swing) * (times - 1.0 - log(times))


def darker(it: Compared) -> float:
    """What the share says: for a surge if it is darker than the market lets expect.

    Against one if it is lighter than the subject's own usual share.
    """
    seen = it.negative / it.volume
    # The Beta-binomial's variance is that of so many stories which speak for themselves.
    single = it.volume * (CONCENTRATION + 1.0) / (CONCENTRATION + max(it.volume, 1.0))
    if seen > it.share:
        return single * divergence(seen, it.share)
    return -single * divergence(seen, it.usual) if seen < it.usual else 0.0
