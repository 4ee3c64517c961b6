"""ADWIN (Bifet & Gavaldà 2007), in river's implementation: an adaptive window.

The window is cut where its older and its newer part have different means.
"""

from typing import Any

from detection.reference_detectors.decayed_moments import DecayedMoments


class Adwin:
    """Detector that alarms when the window is cut and its mean has risen.

    The confidence ``delta`` is 10^-``threshold``. Values are divided by the deviation of the last
    ``memory`` ones. Every value is checked; river's default is each 32nd, which would be a week
    late with four values a day.

    >>> window = Adwin(threshold=2, memory=40)
    >>> [day for day, value in enumerate([2, 3, 2, 1] * 10 + [9] * 9) if window.step(value)]
    [48]
    """

    def __init__(self, threshold: float, memory: int) -> None:
        from river import drift  # noqa: PLC0415 - an extra

        river: Any = drift
        self._past = DecayedMoments(memory)
        self._window = river.ADWIN(delta=10.0**-threshold, clock=1)

    def step(self, value: float) -> bool:
        """Return whether ``value`` raises an alarm: the mean has just risen."""
        mean_before = self._window.estimation
        self._window.update(value / self._past.deviation)
        self._past.add_clipped(value)
        return bool(self._window.drift_detected and self._window.estimation > mean_before)
