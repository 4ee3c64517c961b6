"""Alerts of the reference detectors: alarms that follow each other closely are one alert."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detection.reference_detectors.registry import ReferenceDetector


class BinRange(NamedTuple):
    """The bins of one alert: the one that raised it, and the first one after it (None: ongoing)."""

    first: int
    end: int | None


class DetectorRun:
    """A reference detector with a memory of so many bins over the values of one series.

    The scores are computed once, so that alerts at another threshold are cheap. ``hold`` bins
    without an alarm end an alert, as with our alerts.

    >>> from detection.reference_detectors.registry import REFERENCE_DETECTORS
    >>> run = DetectorRun(REFERENCE_DETECTORS[0], [0, 9, 0, 9, 0, 0, 0, 9], memory=28, hold=2)
    >>> list(run.alerts(threshold=5))
    [BinRange(first=1, end=6), BinRange(first=7, end=None)]
    >>> list(run.alerts(threshold=10))
    []
    """

    def __init__(
        self, detector: ReferenceDetector, values: Iterable[float], memory: int, hold: int
    ) -> None:
        self._detector, self._memory, self._hold = detector, memory, hold
        self._values = list(values)

    def alerts(self, threshold: float) -> Iterator[BinRange]:
        """Yield the alerts at this threshold, in order."""
        alarms = self.alarms(threshold)
        if not alarms:
            return
        first = last = alarms[0]
        for index in alarms[1:]:
            if index - last > self._hold:
                yield BinRange(first, last + self._hold + 1)
                first = index
            last = index
        end = last + self._hold + 1
        yield BinRange(first, end if end < len(self._values) else None)

    @cached_property
    def _scores(self) -> NDArray[np.float64] | None:
        if self._detector.scorer is None:
            return None
        score = self._detector.scorer(self._memory).score
        return np.fromiter(map(score, self._values), np.float64, len(self._values))

    def alarms(self, threshold: float) -> Sequence[int]:
        """Return the indexes of the bins that raise an alarm."""
        if self._scores is not None:
            indexes: list[int] = np.flatnonzero(self._scores >= threshold).tolist()
            return indexes
        if self._detector.stepper is None:
            return []
        step = self._detector.stepper(threshold, self._memory).step
        return [index for index, value in enumerate(self._values) if step(value)]
