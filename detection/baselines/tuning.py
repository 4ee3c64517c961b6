"""The threshold with which a baseline raises as many alerts as another detector did."""

from collections.abc import Callable
from math import sqrt
from typing import Final

from detection.baselines.baseline import Baseline

STEPS: Final = 14
"""Halvings of the range on a logarithmic scale: the threshold is found to a few in 1 000."""


def tuned(baseline: Baseline, alerts: Callable[[float], float], wanted: float) -> float:
    """The lowest threshold whose ``alerts(threshold)`` are at most ``wanted``.

    Alerts fall as the threshold rises, but for jumps where two alerts merge into one.

    >>> from detection.baselines.baseline import BASELINES
    >>> round(tuned(BASELINES[0], lambda threshold: 100 / threshold, wanted=4), 1)
    25.0
    """
    low, high = baseline.least, baseline.most
    if alerts(low) <= wanted:
        return low
    for _ in range(STEPS):
        middle = sqrt(low * high)
        if alerts(middle) <= wanted:
            high = middle
        else:
            low = middle
    return high
