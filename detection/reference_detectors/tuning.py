"""Threshold at which a reference detector raises as many alerts as another detector did."""

from collections.abc import Callable
from math import sqrt
from typing import Final

from detection.reference_detectors.registry import ReferenceDetector

STEP_FACTOR: Final = 1.6
"""Ratio of two thresholds that are tried one after the other on the way down."""
BISECTIONS: Final = 5
"""Bisections of the last step; they find the threshold to 2 %."""


def tune_threshold(
    detector: ReferenceDetector, count_alerts: Callable[[float], float], max_alerts: float
) -> float:
    """Return the lowest threshold from which on there are at most ``max_alerts``.

    The search starts at the highest threshold. It can't start at the lowest one, where alarms
    merge into one endless alert, which is only one alert as well. The result is the detector's
    lowest threshold if even that raises no more alerts.

    >>> from detection.reference_detectors.registry import REFERENCE_DETECTORS
    >>> round(tune_threshold(REFERENCE_DETECTORS[0], lambda x: 100 / x, max_alerts=4))
    25
    """
    high = detector.max_threshold
    while (
        high / STEP_FACTOR > detector.min_threshold
        and count_alerts(high / STEP_FACTOR) <= max_alerts
    ):
        high /= STEP_FACTOR

    low = max(high / STEP_FACTOR, detector.min_threshold)
    if count_alerts(low) <= max_alerts:
        return low

    for _ in range(BISECTIONS):
        middle = sqrt(low * high)
        if count_alerts(middle) <= max_alerts:
            high = middle
        else:
            low = middle
    return high
