"""Comparison with the reference detectors on the same input.

Each of them runs twice: with its usual threshold, and tuned to at most as many alerts as ours.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from detection.evaluation import AlertSpan, Evaluation, evaluate
from detection.reference_detectors.detector_run import DetectorRun
from detection.reference_detectors.registry import REFERENCE_DETECTORS, ReferenceDetector
from detection.reference_detectors.tuning import tune_threshold

MEMORY: Final = timedelta(days=28)
"""Past that a reference detector remembers."""
HOLD: Final = timedelta(days=1)
"""Time without an alarm that ends an alert; ours last about as long with the default rule."""
MIN_MEMORY_BINS: Final = 28


class BinnedInput(Protocol):
    """Series as values in bins, such as `detection.reference_detectors.binned_series`."""

    @property
    def width(self) -> timedelta:
        """Return the length of a bin."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the series."""

    def values(self, series: str) -> Iterator[float]:
        """Yield one value for each bin."""

    def end(self, series: str, index: int) -> datetime:
        """Return the time at which a bin can be judged."""


class Entry(NamedTuple):
    """One row of the comparison: a detector with one setting.

    Attributes:
        name: Name of the detector.
        setting: Its threshold, or what to install.
        evaluation: Its result; None if its library is not installed.
    """

    name: str
    setting: str
    evaluation: Evaluation | None


def compare_detectors(
    series: BinnedInput, ours: Evaluation, memory: timedelta = MEMORY
) -> Iterator[Entry]:
    """Yield two entries for each reference detector, with its usual and with a tuned threshold.

    The tuned threshold is the lowest one that raises no more alerts than ours on this very input.
    """
    memory_bins = max(memory // series.width, MIN_MEMORY_BINS)
    for detector in REFERENCE_DETECTORS:
        if not detector.is_available:
            yield Entry(detector.name, f"install {detector.library}", None)
            continue
        runs = _Runs(series, detector, memory_bins)
        threshold = detector.default_threshold
        yield Entry(detector.name, f"{threshold:.3g}", runs.evaluate(threshold, ours))
        if ours.alerts:
            tuned = tune_threshold(detector, runs.count_alerts, ours.alerts)
            yield Entry(detector.name, f"{tuned:.3g} (tuned)", runs.evaluate(tuned, ours))


class _Runs:
    """One reference detector over all series."""

    def __init__(self, series: BinnedInput, detector: ReferenceDetector, memory_bins: int) -> None:
        hold = max(HOLD // series.width, 1)
        self._series = series
        self._runs = {
            name: DetectorRun(detector, series.values(name), memory_bins, hold)
            for name in series.names
        }

    def count_alerts(self, threshold: float) -> int:
        return sum(len(list(run.alerts(threshold))) for run in self._runs.values())

    def evaluate(self, threshold: float, ours: Evaluation) -> Evaluation:
        """Evaluate the alerts at this threshold against the events that ours were held against."""
        end = self._series.end
        alerts = [
            AlertSpan(
                (name,),
                (end(name, bins.first),),
                None if bins.end is None else end(name, bins.end),
            )
            for name, run in self._runs.items()
            for bins in run.alerts(threshold)
        ]
        return evaluate(alerts, ours.events, ours.months, ours.harmless)
