"""The Page-Hinkley test, river's, upwards."""

from typing import Any, Final

from detection.reference_detectors.decayed_moments import Forgetting

SHIFT: Final = 0.5
"""Deviations that are taken for no change: half of the smallest shift that is looked for."""


class PageHinkley:
    """Alarmed when the values' sum has run ``threshold`` deviations above its lowest point.

    Values are divided by the deviation of the last ``memory`` ones, so that one threshold serves
    small and large series. After an alarm the test starts anew, as river's does.

    >>> test = PageHinkley(threshold=8, memory=40)
    >>> [day for day, value in enumerate([2, 3, 2, 1] * 10 + [9] * 9) if test.step(value)]
    [41]
    """

    def __init__(self, threshold: float, memory: int) -> None:
        from river.drift import PageHinkley as River  # noqa: PLC0415 - an extra

        self._past = Forgetting(memory)
        self._test: Any = River(
            min_instances=memory // 4, delta=SHIFT, threshold=threshold, mode="up"
        )

    def step(self, value: float) -> bool:
        """Whether ``value`` completes an alarm."""
        self._test.update(value / self._past.deviation)
        self._past.add_clipped(value)
        return bool(self._test.drift_detected)
