"""A reference detector that watches all subjects of a simulated stream."""

from datetime import timedelta
from typing import Final

from synthetic import BEGIN, HOUR, Stream, name

from detection.evaluation import AlertSpan
from detection.reference_detectors.binned_series import BinnedSeries
from detection.reference_detectors.detector_run import BinRange, DetectorRun
from detection.reference_detectors.registry import ReferenceDetector

HOLD: Final = timedelta(days=1)
"""Time without an alarm after which an alert ends."""
MEMORY: Final = timedelta(days=28)
"""Time that a detector looks back, but at least 28 bins."""


class ReferenceStream:
    """``baseline`` over the counts of all subjects in bins of ``width``."""

    def __init__(self, baseline: ReferenceDetector, news: Stream, width: timedelta) -> None:
        self._binned = BinnedSeries(width)
        columns = zip(news.hours.tolist(), news.owner.tolist(), news.negative.tolist(), strict=True)
        for hour, owner, negative in columns:
            self._binned.add(name(owner), BEGIN + hour * HOUR, negative)
        memory, hold = max(MEMORY // width, 28), max(HOLD // width, 1)
        self._watched = {
            series: DetectorRun(baseline, self._binned.values(series), memory, hold)
            for series in self._binned.names
        }

    def raised(self, threshold: float) -> list[AlertSpan]:
        """Return the alerts that the detector raises with ``threshold``."""
        return [
            self._span(series, episode)
            for series, watched in self._watched.items()
            for episode in watched.alerts(threshold)
        ]

    def _span(self, series: str, episode: BinRange) -> AlertSpan:
        end = None if episode.end is None else self._binned.end(series, episode.end)
        return AlertSpan((series,), (self._binned.end(series, episode.first),), end)
