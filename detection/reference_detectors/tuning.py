"""The threshold with which a baseline raises as many alerts as another detector did."""

from collections.abc import Callable
from math import sqrt
from typing import Final

from detection.reference_detectors.baseline import ReferenceDetector

FACTOR: Final = 1.6
"""Between two thresholds tried on the way down."""
HALVINGS: Final = 5
"""Then of the last step: the threshold is found to 2 %."""


def tuned(baseline: ReferenceDetector, alerts: Callable[[float], float], wanted: float) -> float:
    """The lowest threshold from which on ``alerts(threshold)`` are at most ``wanted``.

    It is sought from above: far below, alarms merge into one endless alert, which is few as well.
    Where even the lowest threshold raises no more than that, it is that one.

    >>> from detection.reference_detectors.baseline import REFERENCE_DETECTORS
    >>> round(tuned(REFERENCE_DETECTORS[0], lambda threshold: 100 / threshold, wanted=4))
    25
    """
    good = baseline.most
    while good / FACTOR > baseline.least and alerts(good / FACTOR) <= wanted:
        good /= FACTOR
    bad = max(good / FACTOR, baseline.least)
    if alerts(bad) <= wanted:
        return bad
    for _ in range(HALVINGS):
        middle = sqrt(bad * good)
        if alerts(middle) <= wanted:
            good = middle
        else:
            bad = middle
    return good
