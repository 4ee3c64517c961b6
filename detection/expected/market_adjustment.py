"""A subject's window next to what its own past and the rest of the market let expect of it.

While the others have twice as much negative news as usual, twice as much is expected of a subject,
so that one bad day everywhere is not an alert of everybody. A small market hardly moves anybody:
what is known of it is mixed with `STEADY` stories of an ordinary one.

>>> own = DecayedWindow(volume=4.0, negative=2.0, ordinary=2.0, usual=0.6, chance=0.3)
>>> calm = DecayedWindow(volume=102.0, negative=31.0, ordinary=102.0, usual=30.6, chance=15.0)
>>> wild = DecayedWindow(volume=204.0, negative=122.0, ordinary=102.0, usual=30.6, chance=15.0)
>>> [round(compared(own, whole).dark, 1) for whole in (calm, wild)]
[0.6, 2.0]
>>> [round(compared(own, whole).share, 2) for whole in (calm, wild)]
[0.3, 0.52]
"""

from typing import Final, NamedTuple

from detection.evidence.decayed_window import DecayedWindow
from detection.expected.negative_share import log_odds, shifted

STEADY: Final = 20.0
"""Stories that speak for an ordinary market."""
ORDINARY: Final = 0.2
"""By how much more and darker news than usual an ordinary market is told from one that moved."""
ALONE: Final = DecayedWindow()
"""The market of a subject that stands for itself."""


class Compared(NamedTuple):
    """A window's volume and negative volume, and the law of the latter.

    ``dark`` is its expectation, ``chance`` the part of its variance that is due to chance.
    ``share`` is the negative share that is expected, ``usual`` that of an ordinary market.
    """

    volume: float
    negative: float
    dark: float
    chance: float
    share: float
    usual: float


def compared(own: DecayedWindow, whole: DecayedWindow) -> Compared:
    """``own`` next to the others in ``whole``, which includes it."""
    usual = own.usual / own.ordinary if own.ordinary else 0.0
    times, darker = move(own, whole)
    share = shifted(usual, darker) if darker else usual
    dark, chance = own.usual * times, own.chance * times
    return Compared(own.volume, own.negative, dark, chance, share, usual)


def move(own: DecayedWindow, whole: DecayedWindow) -> tuple[float, float]:
    """How many times their usual negative news the others have; by how much their log odds rose.

    But for what an ordinary market may do.
    """
    ordinary = whole.ordinary - own.ordinary
    if ordinary <= 0.0:
        return 1.0, 0.0
    usual = (whole.usual - own.usual) / ordinary
    if usual <= 0.0:
        return 1.0, 0.0
    # Sums of floats: what is left of the whole may be a hair below nothing.
    negative, volume = max(whole.negative - own.negative, 0.0), max(whole.volume - own.volume, 0.0)
    times = (negative + STEADY * usual) / (ordinary * usual + STEADY * usual) - ORDINARY
    darker = darkened(negative, volume, usual) - ORDINARY
    return max(1.0, times), max(0.0, darker)


def darkened(negative: float, volume: float, usual: float) -> float:
    """By how much the log odds of negative news are above those of the ``usual`` share.

    >>> darkened(3.0, 10.0, 0.3), round(darkened(60.0, 100.0, 0.3), 1)
    (0.0, 1.0)
    """
    now = (negative + STEADY * usual) / (volume + STEADY)
    return log_odds(now) - log_odds(usual) if now > usual else 0.0
