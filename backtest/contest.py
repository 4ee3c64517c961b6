"""The baselines on the same input: as they are usually set, and as quiet as ours."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from detection.evaluation import AlertSpan, Evaluation, evaluate
from detection.reference_detectors.baseline import REFERENCE_DETECTORS, ReferenceDetector
from detection.reference_detectors.episodes import Watched
from detection.reference_detectors.tuning import tuned

MEMORY: Final = timedelta(days=28)
HOLD: Final = timedelta(days=1)
"""Baselines' alerts are held as long as ours are by default."""
LEAST_MEMORY: Final = 28


class Input(Protocol):
    """Values in bins; `detection.reference_detectors.binned_series` is one."""

    @property
    def width(self) -> timedelta:
        """Of a bin."""

    @property
    def names(self) -> tuple[str, ...]:
        """The series."""

    def values(self, series: str) -> Iterator[float]:
        """One for each bin."""

    def end(self, series: str, place: int) -> datetime:
        """When a bin can be judged."""


class Entry(NamedTuple):
    """A detector with one setting, and how it did; no ``judged``: its library is not there."""

    name: str
    setting: str
    judged: Evaluation | None


def contest(binned: Input, ours: Evaluation, bins: timedelta = MEMORY) -> Iterator[Entry]:
    """Each baseline twice; the second time with as many alerts as ours at most, in hindsight."""
    memory = max(bins // binned.width, LEAST_MEMORY)
    for baseline in REFERENCE_DETECTORS:
        if not baseline.there:
            yield Entry(baseline.name, f"install {baseline.library}", None)
            continue
        run = _Run(binned, baseline, memory)
        yield _entry(baseline, baseline.usual, "", run, ours)
        if ours.alerts:
            equal = tuned(baseline, run.alerts, ours.alerts)
            yield _entry(baseline, equal, " (tuned)", run, ours)


def _entry(
    baseline: ReferenceDetector, threshold: float, note: str, run: "_Run", ours: Evaluation
) -> Entry:
    judged = evaluate(run.raised(threshold), ours.events, ours.months)
    return Entry(baseline.name, f"{threshold:.3g}{note}", judged)


class _Run:
    """One baseline over all series."""

    def __init__(self, binned: Input, baseline: ReferenceDetector, memory: int) -> None:
        hold = max(HOLD // binned.width, 1)
        self._binned = binned
        self._watched = {
            name: Watched(baseline, binned.values(name), memory, hold) for name in binned.names
        }

    def alerts(self, threshold: float) -> int:
        return sum(1 for it in self._watched.values() for _ in it.episodes(threshold))

    def raised(self, threshold: float) -> list[AlertSpan]:
        return [it for name in self._watched for it in self._of(name, threshold)]

    def _of(self, name: str, threshold: float) -> Iterator[AlertSpan]:
        for it in self._watched[name].episodes(threshold):
            end = None if it.end is None else self._binned.end(name, it.end)
            yield AlertSpan((name,), (self._binned.end(name, it.first),), end)
