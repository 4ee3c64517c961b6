"""How far half a day's negative news strays from what is expected, beyond chance.

News comes in busy days and breeds more news, so the sums of a window vary by more than the sum of
what its hours vary by. The excess is learnt where it matters, on the windows themselves: with an
expectation of M and a variance by chance of Q, the variance is taken to be

    Q + swing * M**2

by the method of moments (A. C. Cameron and P. K. Trivedi, "Regression Analysis of Count Data",
2013, section 3.3), each window weighted by how much it can tell. A subject's own swing is shrunk
towards that of all.

>>> steady, wild = Overdispersion(), Overdispersion()
>>> usual = Compared(30.0, 10.0, dark=10.0, chance=5.0, share=0.3, usual=0.3)
>>> for number in range(3000):
...     calm = steady.learn(usual, 0.5)
...     added = wild.learn(usual._replace(negative=20.0 * (number % 2)), 0.5)
>>> steady.usual(0.5, OTHERS) < 0.5 < wild.usual(0.5, OTHERS)
True
"""

from dataclasses import dataclass
from math import sqrt
from typing import Final

from detection.evidence.decayed_window import FADE as WINDOW
from detection.evidence.decayed_window import DecayedWindow
from detection.expected.market_adjustment import Compared
from detection.expected.volume_model import FADE

FIRST: Final = 1.0
"""The swing, before any window was seen."""
UNSEEN: Final = 300.0
"""Informative windows that it counts."""
OTHERS: Final = 3000.0
"""Windows that the population's swing counts against a subject's own. They begin an hour apart and
overlap, so these are worth some two hundred that do not."""
LEAST: Final = 0.02
OUTLIER: Final = 5.0
"""Standard deviations above the expectation beyond which learning does not believe a sum."""


def variance(dark: float, chance: float, swing: float) -> float:
    """Of a window's negative volume."""
    return chance + swing * dark * dark


@dataclass(slots=True)
class Overdispersion:
    """Forgetting sums of excess variance, relative to the expectation's square, and of weights."""

    excess: float = 0.0
    weight: float = 0.0

    def usual(self, prior: float, weight: float) -> float:
        """The swing, where ``prior`` is known from elsewhere and counts ``weight`` windows."""
        usual = (self.excess + prior * weight) / (self.weight + weight)
        return max(LEAST, usual)

    def add(self, excess: float, weight: float) -> None:
        """Count windows."""
        self.excess += excess
        self.weight += weight

    def fade(self, bins: int = 1) -> None:
        """Forget a little."""
        left = FADE**bins
        self.excess *= left
        self.weight *= left

    def learn(self, window: Compared, usual: float, *, firing: bool = False) -> tuple[float, float]:
        """Count a window whose swing was taken to be ``usual``; what it added, for the others.

        One in which an alert is ``firing`` is not an ordinary one.
        """
        if firing or window.dark <= 0.0:
            return 0.0, 0.0
        off = window.negative - window.dark
        if off > 0.0:
            off = min(off, OUTLIER * sqrt(variance(window.dark, window.chance, usual)))
        weight = _weight(window.dark, window.chance)
        added = weight * (off * off - window.chance) / window.dark**2, weight
        self.fade()
        self.add(*added)
        return added

    def rest(
        self, before: DecayedWindow, after: DecayedWindow, bins: int, usual: float
    ) -> tuple[float, float]:
        """Count the ``bins`` windows of a time without news, which began and ended like these.

        Their expectation is taken to be its mean; their news only fades.
        """
        dark, chance = (before.usual + after.usual) / 2.0, (before.chance + after.chance) / 2.0
        if dark <= 0.0:
            return 0.0, 0.0
        left = WINDOW**bins
        begun = min(before.negative, dark + OUTLIER * sqrt(variance(dark, chance, usual)))
        once = WINDOW * (1.0 - left) / (1.0 - WINDOW)
        twice = WINDOW**2 * (1.0 - left**2) / (1.0 - WINDOW**2)
        off = begun * begun * twice - 2.0 * begun * dark * once + bins * dark * dark
        # Of a long time, as much counts as is remembered.
        kept = (1.0 - FADE**bins) / (1.0 - FADE) / bins * _weight(dark, chance)
        added = kept * (off - bins * chance) / (dark * dark), kept * bins
        self.fade(bins)
        self.add(*added)
        return added


def _weight(dark: float, chance: float) -> float:
    """How much a window tells of the swing: less than 1 where chance hides it."""
    return dark / (dark + chance / dark)
