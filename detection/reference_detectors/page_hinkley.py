"""Page-Hinkley test for an increase, in river's implementation."""

from typing import Any, Final

from detection.reference_detectors.decayed_moments import DecayedMoments

TOLERATED_SHIFT: Final = 0.5
"""Shift of the mean, in deviations, that is no change: half of the smallest shift of interest."""


class PageHinkley:
    """Detector that alarms when the cumulative sum of values is far above its lowest point.

    Values are divided by the deviation of the last ``memory`` ones, so that one threshold, in
    deviations, serves small and large series. The test starts anew after an alarm, as river's does.

    >>> test = PageHinkley(threshold=8, memory=40)
    >>> [day for day, value in enumerate([2, 3, 2, 1] * 10 + [9] * 9) if test.step(value)]
    [41]
    """

    def __init__(self, threshold: float, memory: int) -> None:
        from river.drift import PageHinkley as RiverPageHinkley  # noqa: PLC0415 - an extra

        self._past = DecayedMoments(memory)
        self._test: Any = RiverPageHinkley(
            min_instances=memory // 4, delta=TOLERATED_SHIFT, threshold=threshold, mode="up"
        )

    def step(self, value: float) -> bool:
        """Return whether ``value`` raises an alarm."""
        self._test.update(value / self._past.deviation)
        self._past.add_clipped(value)
        return bool(self._test.drift_detected)
