"""The evidence of a surge of negative news in a subject's window: volume and share together.

The sum of the negative probabilities, volume times share, is taken to be gamma distributed, with
the expectation's mean and the swing's variance, and the share binomial. Each adds the log
likelihood ratio of the size that explains the window best against nothing new, which is half the
law's deviance (P. McCullagh and J. A. Nelder, "Generalized Linear Models", 1989, sections 4.4 and
8.3).

>>> usual = Window(volume=20.0, negative=6.0, expected=20.0, dark=6.0, ordinary=20.0, usual=6.0, chance=3.0)
>>> busy = Window(volume=60.0, negative=18.0, expected=20.0, dark=6.0, ordinary=20.0, usual=6.0, chance=3.0)
>>> dark = Window(volume=60.0, negative=36.0, expected=20.0, dark=6.0, ordinary=20.0, usual=6.0, chance=3.0)
>>> [round(evidence(it, swing=0.5), 1) for it in (usual, busy, dark)]
[0.0, 1.5, 17.0]
"""

from math import log

from detection.share import divergence
from detection.swing import variance
from detection.window import Window


def evidence(window: Window, swing: float) -> float:
    """Natural logarithm of the likelihood ratio of a surge against none, at least 0."""
    if window.negative <= 0.0 or window.dark <= 0.0:
        return 0.0
    return max(more(window, swing) + darker(window), 0.0)


def more(window: Window, swing: float) -> float:
    """What the negative volume says, if it is more than expected."""
    times = window.negative / window.dark
    if times <= 1.0:
        return 0.0
    return window.dark**2 / variance(window, swing) * (times - 1.0 - log(times))


def darker(window: Window) -> float:
    """What the share says: for a surge if it is darker than the market lets expect.

    Against one if it is lighter than the subject's own usual share.
    """
    seen = window.negative / window.volume
    moved, usual = window.dark / window.expected, window.usual / window.ordinary
    if seen > moved:
        return window.volume * divergence(seen, moved)
    return -window.volume * divergence(seen, usual) if seen < usual else 0.0
