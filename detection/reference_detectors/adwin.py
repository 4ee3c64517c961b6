"""ADWIN (Bifet & Gavaldà 2007), river's: two parts of an adaptive window with different means."""

from typing import Any

from detection.reference_detectors.decayed_moments import Forgetting


class Adwin:
    """Alarmed when the window is cut and its mean rose; delta is 10^-``threshold``.

    Values are divided by the deviation of the last ``memory`` ones. It looks at every value, not
    at each 32nd as by default: at four a day that would be a week late.

    >>> window = Adwin(threshold=2, memory=40)
    >>> [day for day, value in enumerate([2, 3, 2, 1] * 10 + [9] * 9) if window.step(value)]
    [48]
    """

    def __init__(self, threshold: float, memory: int) -> None:
        from river import drift  # noqa: PLC0415 - an extra

        river: Any = drift
        self._past = Forgetting(memory)
        self._window = river.ADWIN(delta=10.0**-threshold, clock=1)

    def step(self, value: float) -> bool:
        """Whether the mean has just risen."""
        before = self._window.estimation
        self._window.update(value / self._past.deviation)
        self._past.add_clipped(value)
        return bool(self._window.drift_detected and self._window.estimation > before)
