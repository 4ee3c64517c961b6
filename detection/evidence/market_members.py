"""Who takes part in a move of the whole market.

The move is the market's, and not that of one or two who are much in the news, if at least half of
the evidence is left without the two who add most.

Those are named who take part for sure. Subjects are judged by the likelihood ratio of a surge of
their last hours' negative news, an e-value, and chosen by e-BH (R. Wang and A. Ramdas, "False
discovery rate control with e-values", JRSS B 2022): whatever depends on what, at most a tenth of
those named is named wrongly on average. Where single ones prove nothing, since each has little
news, those are named who add most.

>>> values = [("company:A", 500.0), ("company:B", 15.0), ("company:C", 1.0)]
>>> chosen(values, 3)
('company:A', 'company:B')
>>> busy, calm = DecayedWindow(40.0, 30.0, 4.0, 1.2, 0.6), DecayedWindow(4.0, 1.3, 4.0, 1.2, 0.6)
>>> wide(DecayedWindow(52.0, 34.0, 16.0, 4.8, 2.4), [busy, calm, calm, calm], 0.5)
False
>>> wide(DecayedWindow(160.0, 120.0, 16.0, 4.8, 2.4), [busy, busy, busy, busy], 0.5)
True
"""

from collections.abc import Iterable, Sequence
from heapq import nlargest
from math import exp, log
from operator import attrgetter
from typing import Final

from detection.evidence.decayed_window import DecayedWindow
from detection.evidence.likelihood_ratio import evidence
from detection.expected.market_adjustment import ALONE, compared

WRONG: Final = 0.1
"""Share of those named that may be named wrongly."""
FEW: Final = 2
"""Subjects without which a move of the whole market is still one."""
MOST: Final = 10
"""Names of those who add most."""
EFFECTS: Final = (2.0, 4.0, 8.0)
"""Times the usual negative volume that a member is tested for."""
_HIGHEST: Final = 300.0


def chosen(values: Sequence[tuple[str, float]], subjects: int) -> tuple[str, ...]:
    """Names of the members among ``subjects`` in all, from their e-values; in order of name."""
    ranked = sorted(values, key=lambda it: (-it[1], it[0]))
    most = 0
    for place, (_, value) in enumerate(ranked, 1):
        if value * place * WRONG >= subjects:
            most = place
    return tuple(sorted(name for name, _ in ranked[:most]))


def e_value(window: DecayedWindow, swing: float) -> float:
    """Likelihood ratio of a surge of any of `EFFECTS`, of gamma-Poisson sums."""
    usual, seen, size = window.usual, window.negative, 1.0 / swing
    total = 0.0
    for effect in EFFECTS:
        spread = log((size + effect * usual) / (size + usual))
        total += exp(min(seen * (log(effect) - spread) - size * spread, _HIGHEST))
    return total / len(EFFECTS)


def wide(whole: DecayedWindow, windows: Iterable[DecayedWindow], swing: float) -> bool:
    """Whether the evidence of ``whole`` is not that of a few of the ``windows`` in it.

    Where there are no more than a few windows it is theirs, or that of nobody who has news now.
    """
    rest, known = whole, list(windows)
    if len(known) <= FEW:
        return False
    for window in nlargest(FEW, known, key=attrgetter("surplus")):
        rest = rest.without(window)
    return _alone(rest, swing) >= _alone(whole, swing) / 2.0


def _alone(window: DecayedWindow, swing: float) -> float:
    return evidence(compared(window, ALONE), swing)


def most(parts: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """The `MOST` names that add most, in order of name."""
    ranked = sorted((it for it in parts if it[1] > 0.0), key=lambda it: (-it[1], it[0]))
    return tuple(sorted(name for name, _ in ranked[:MOST]))
