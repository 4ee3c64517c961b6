"""From alarming bins to alerts: one for as long as it goes on."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detection.reference_detectors.baseline import ReferenceDetector


class Episode(NamedTuple):
    """An alert: the bin that raised it, and the first one after it (None: not over yet)."""

    first: int
    end: int | None


class Watched:
    """A baseline with so much ``memory`` over one series' ``values``, at any threshold.

    ``hold`` calm bins end an alert, as they do ours.

    >>> from detection.reference_detectors.baseline import REFERENCE_DETECTORS
    >>> watched = Watched(REFERENCE_DETECTORS[0], [0, 9, 0, 9, 0, 0, 0, 9], memory=28, hold=2)
    >>> list(watched.episodes(5))
    [Episode(first=1, end=6), Episode(first=7, end=None)]
    >>> list(watched.episodes(10))
    []
    """

    def __init__(
        self, baseline: ReferenceDetector, values: Iterable[float], memory: int, hold: int
    ) -> None:
        self._baseline, self._memory, self._hold = baseline, memory, hold
        self._values = list(values)
        self._scores = self._scored()

    def episodes(self, threshold: float) -> Iterator[Episode]:
        """The alerts, in order."""
        places = self._alarming(threshold)
        first = last = places[0] if places else 0
        for place in places[1:]:
            if place - last > self._hold:
                yield Episode(first, last + self._hold + 1)
                first = place
            last = place
        if places:
            end = last + self._hold + 1
            yield Episode(first, end if end < len(self._values) else None)

    def _scored(self) -> NDArray[np.float64] | None:
        if self._baseline.score is None:
            return None
        score = self._baseline.score(self._memory).score
        return np.fromiter(map(score, self._values), np.float64, len(self._values))

    def _alarming(self, threshold: float) -> Sequence[int]:
        if self._scores is not None:
            places: list[int] = np.flatnonzero(self._scores >= threshold).tolist()
            return places
        if self._baseline.step is None:
            return []
        step = self._baseline.step(threshold, self._memory).step
        return [place for place, value in enumerate(self._values) if step(value)]
