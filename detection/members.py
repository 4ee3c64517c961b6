"""Who takes part in a move of the whole market.

Subjects are judged by the likelihood ratio of a surge of their last hours' negative news, an
e-value, and chosen by e-BH (R. Wang and A. Ramdas, "False discovery rate control with e-values",
JRSS B 2022): whatever depends on what, at most a tenth of those named is named wrongly on average.

>>> chosen([("company:A", 500.0), ("company:B", 15.0), ("company:C", 1.0)], 3)
('company:A', 'company:B')
"""

from collections.abc import Sequence
from math import exp, log
from typing import Final

from detection.window import Window

WRONG: Final = 0.1
"""Share of those named that may be named wrongly."""
EFFECT: Final = 2.5
"""Times the expected negative volume that a member is tested for."""
_HIGHEST: Final = 300.0


def chosen(values: Sequence[tuple[str, float]], subjects: int) -> tuple[str, ...]:
    """Names of the members among ``subjects`` in all, from their e-values; in order of name."""
    ranked = sorted(values, key=lambda it: (-it[1], it[0]))
    most = 0
    for place, (_, value) in enumerate(ranked, 1):
        if value * place * WRONG >= subjects:
            most = place
    return tuple(sorted(name for name, _ in ranked[:most]))


def e_value(recent: Window, size: float) -> float:
    """Likelihood ratio of a surge, of negative binomial counts of a ``size``."""
    dark, seen = recent.dark, recent.negative
    spread = log((size + EFFECT * dark) / (size + dark))
    return exp(min(seen * (log(EFFECT) - spread) - size * spread, _HIGHEST))
