"""The members of a move of the whole market.

Members are the subjects that take part for sure. Each is judged by an e-value, the likelihood
ratio of a surge of its last hours' negative news, and they are selected by e-BH (R. Wang and
A. Ramdas, "False discovery rate control with e-values", JRSS B 2022): at most a tenth of them is
named wrongly on average, whatever depends on what. If no single subject is proven, since each has
little news, those that add most are named.

>>> values = [("company:A", 500.0), ("company:B", 15.0), ("company:C", 1.0)]
>>> e_bh(values, 3)
('company:A', 'company:B')
"""

from collections.abc import Sequence
from math import exp, log
from typing import Final

from detection.evidence.decayed_window import DecayedWindow

MAX_WRONG_MEMBERS: Final = 0.1
"""Upper bound of the share of members that are named wrongly."""
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


def top_contributors(surpluses: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """Return the names with the largest surpluses above 0, sorted, `MAX_CONTRIBUTORS` at most."""
    positive = [row for row in surpluses if row[1] > 0.0]
    ranked = sorted(positive, key=lambda row: (-row[1], row[0]))
    return tuple(sorted(name for name, _ in ranked[:MAX_CONTRIBUTORS]))
