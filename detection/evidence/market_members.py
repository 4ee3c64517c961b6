"""The members of a move of the whole market.

A move is the market's, and not that of one or two subjects, if at least half of the evidence
remains without the two that add most.

Members are the subjects that take part for sure. Each is judged by an e-value, the likelihood
ratio of a surge of its last hours' negative news, and they are selected by e-BH (R. Wang and
A. Ramdas, "False discovery rate control with e-values", JRSS B 2022): at most a tenth of them is
named wrongly on average, whatever depends on what. If no single subject is proven, since each has
little news, those that add most are named.

>>> values = [("company:A", 500.0), ("company:B", 15.0), ("company:C", 1.0)]
>>> e_bh(values, 3)
('company:A', 'company:B')
>>> busy, calm = DecayedWindow(40.0, 30.0, 4.0, 1.2, 0.6), DecayedWindow(4.0, 1.3, 4.0, 1.2, 0.6)
>>> is_broad(DecayedWindow(52.0, 34.0, 16.0, 4.8, 2.4), [busy, calm, calm, calm], 0.5)
False
>>> is_broad(DecayedWindow(160.0, 120.0, 16.0, 4.8, 2.4), [busy, busy, busy, busy], 0.5)
True
"""

from collections.abc import Sequence
from heapq import nlargest
from math import exp, log
from operator import attrgetter
from typing import Final

from detection.evidence.decayed_window import DecayedWindow
from detection.evidence.likelihood_ratio import log_likelihood_ratio
from detection.expected.market_adjustment import NO_MARKET, adjust_for_market

MAX_WRONG_MEMBERS: Final = 0.1
"""Upper bound of the share of members that are named wrongly."""
DOMINANT_SUBJECTS: Final = 2
"""Number of subjects without which a move of the whole market must still be one."""
MAX_CONTRIBUTORS: Final = 10
"""Number of subjects that are named if none is proven."""
EFFECTS: Final = (2.0, 4.0, 8.0)
"""Multiples of the baseline for which a member is tested."""
_MAX_LOG_VALUE: Final = 300.0


def e_bh(values: Sequence[tuple[str, float]], subjects: int) -> tuple[str, ...]:
    """Return the names of the proven members, sorted.

    Args:
        values: names and e-values of the candidates.
        subjects: number of subjects in all, of which the candidates are a part.
    """
    ranked = sorted(values, key=lambda row: (-row[1], row[0]))
    count = 0
    for rank, (_, value) in enumerate(ranked, 1):
        if value * rank * MAX_WRONG_MEMBERS >= subjects:
            count = rank
    return tuple(sorted(name for name, _ in ranked[:count]))


def e_value(window: DecayedWindow, dispersion: float) -> float:
    """Return the mean likelihood ratio of a surge of each of `EFFECTS`, of gamma-Poisson sums."""
    baseline, negative, size = window.baseline_negative, window.negative, 1.0 / dispersion
    total = 0.0
    for effect in EFFECTS:
        log_ratio = log((size + effect * baseline) / (size + baseline))
        total += exp(min(negative * (log(effect) - log_ratio) - size * log_ratio, _MAX_LOG_VALUE))
    return total / len(EFFECTS)


def is_broad(market: DecayedWindow, windows: Sequence[DecayedWindow], dispersion: float) -> bool:
    """Return whether half of the market's evidence remains without its strongest subjects.

    Return False if there are no more than `DOMINANT_SUBJECTS` windows.
    """
    if len(windows) <= DOMINANT_SUBJECTS:
        return False
    rest = market
    for window in nlargest(DOMINANT_SUBJECTS, windows, key=attrgetter("surplus")):
        rest = rest.without(window)
    evidence, remaining = (
        log_likelihood_ratio(adjust_for_market(window, NO_MARKET), dispersion)
        for window in (market, rest)
    )
    return remaining >= evidence / 2.0


def top_contributors(surpluses: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """Return the names with the largest surpluses above 0, sorted, `MAX_CONTRIBUTORS` at most."""
    positive = [row for row in surpluses if row[1] > 0.0]
    ranked = sorted(positive, key=lambda row: (-row[1], row[0]))
    return tuple(sorted(name for name, _ in ranked[:MAX_CONTRIBUTORS]))
