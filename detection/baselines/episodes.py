"""From alarming bins to alerts: one for as long as it goes on."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from detection.baselines.baseline import Step


class Episode(NamedTuple):
    """An alert: the bin that raised it, and the first one after it (None: not over yet)."""

    first: int
    end: int | None


def episodes(detector: Step, values: Iterable[float], hold: int) -> Iterator[Episode]:
    """The alerts of a detector over one series; ``hold`` calm bins end one, as ours do.

    >>> from detection.baselines.fixed import Fixed
    >>> list(episodes(Fixed(5), [0, 9, 0, 9, 0, 0, 0, 9], hold=2))
    [Episode(first=1, end=6), Episode(first=7, end=None)]
    """
    first, last = None, 0
    for place, value in enumerate(values):
        if detector.step(value):
            first, last = place if first is None else first, place
        elif first is not None and place - last > hold:
            yield Episode(first, place)
            first = None
    if first is not None:
        yield Episode(first, None)
