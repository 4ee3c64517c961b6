"""Sources of a backtest: news (signals), or one series of numbers. Each yields alerts in order."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from statistics import median
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from backtest.comparison import BinnedInput
from backtest.external_sort import SortFormat, in_order
from backtest.points import BY_TIME, Point, merge_same_time
from detection.population import Population
from detection.reference_detectors.binned_series import BinnedSeries
from detection.rule import MONTH, Rule
from detection.series.series import SUBJECT, Series
from detection.trace import TracePoint
from infra.progress.meter import Meter
from schemas.signal import Signal

if TYPE_CHECKING:
    from schemas.alert import Alert

T = TypeVar("T")

BY_EVENT_TIME: Final[SortFormat[Signal]] = SortFormat(
    attrgetter("published", "key", "subject"), Signal.to_bytes, Signal.from_bytes
)
"""The order in which the pipeline counts signals."""
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_MAX_QUIET_TIME: Final = timedelta(days=366)
"""Event time that may pass after the last signal until all alerts resolve, with bins of an hour."""

Trace = Callable[[TracePoint], None]


class Source(Protocol):
    """Something to watch. ``series`` and ``months`` are complete once all alerts were read.

    Attributes:
        meter: Shows how far it is.
    """

    meter: Meter

    def alerts(self, rule: Rule, trace: Trace) -> "Iterator[Alert]":
        """Yield every change of every alert, in order of detection; pass each bin to ``trace``."""
        ...

    @property
    def series(self) -> BinnedInput:
        """Return what was counted, for the reference detectors."""
        ...

    @property
    def months(self) -> float:
        """Return the subject-months that were watched."""
        ...


class Counted(Generic[T]):
    """Items that are counted while they are sorted, so that it is known how many there are."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = items
        self._count = 0

    def __iter__(self) -> Iterator[T]:
        """Yield the items."""
        for item in self._items:
            self._count += 1
            yield item

    def metered(self, meter: Meter, unit: str, form: SortFormat[T]) -> Iterator[T]:
        """Yield the items in order, and let the meter show how many the detector has taken."""
        is_first = True
        for item in in_order(self, form):
            if is_first:
                meter.begin("detecting", unit, self._count)
                is_first = False
            yield item
            meter.advance()


class News:
    """Signals, in any order."""

    def __init__(self, signals: Iterable[Signal], meter: Meter) -> None:
        self._signals = Counted(signals)
        self.meter = meter
        self._binned = BinnedSeries()

    def alerts(self, rule: Rule, trace: Trace) -> "Iterator[Alert]":
        """Yield the alerts of all subjects.

        After the last signal, event time runs on until all alerts have resolved, as in a pipeline
        that receives no more news.
        """
        population, firing = Population(rule, trace), _FiringAlerts()
        now: datetime | None = None
        for signal in self._signals.metered(self.meter, "signals", BY_EVENT_TIME):
            now = signal.published
            self._binned.add(signal.subject, now, signal.negative)
            alerts = population.count(signal)
            firing.update(alerts)
            yield from alerts
        if now is None:
            return

        end = now + _MAX_QUIET_TIME * max(rule.bin / _HOUR, 1.0) + rule.keep_firing_for
        while firing.ids and now < end:
            now += _DAY
            alerts = population.advance(now)
            firing.update(alerts)
            yield from alerts

    @property
    def series(self) -> BinnedSeries:
        """Return the negative probabilities of each subject, summed in bins of six hours."""
        return self._binned

    @property
    def months(self) -> float:
        """Return the subject-months, each subject's from its first signal on."""
        return self._binned.span() / MONTH


class Numbers:
    """Points of one series, in any order; those of the same time are added up."""

    def __init__(self, points: Iterable[Point], meter: Meter) -> None:
        self._points = Counted(points)
        self.meter = meter
        self._rows = RowSeries()

    def alerts(self, rule: Rule, trace: Trace) -> "Iterator[Alert]":
        """Yield the alerts of the series; it ends with its last row."""
        series = Series(rule)
        for point in merge_same_time(self._points.metered(self.meter, "rows", BY_TIME)):
            self._rows.add(point)
            yield from series.count(*point)
            if series.trace_point:
                trace(series.trace_point)

    @property
    def series(self) -> "RowSeries":
        """Return the rows; each is a bin."""
        return self._rows

    @property
    def months(self) -> float:
        """Return the months from the first row to the last."""
        return self._rows.span() / MONTH


class RowSeries:
    """One series whose bins are its rows, as input of the reference detectors."""

    def __init__(self) -> None:
        self._points: list[Point] = []

    def add(self, point: Point) -> None:
        """Add a row that is later than all rows before."""
        self._points.append(point)

    @property
    def width(self) -> timedelta:
        """Return the median time between two rows; a day if there are fewer than two."""
        pauses = [
            (later.time - earlier.time).total_seconds() for earlier, later in pairwise(self._points)
        ]
        return timedelta(seconds=median(pauses)) if pauses else _DAY

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name of the series, or nothing if there are no rows."""
        return (SUBJECT,) if self._points else ()

    def values(self, series: str) -> Iterator[float]:  # noqa: ARG002 - there is only one
        """Yield the value of each row."""
        return (point.value for point in self._points)

    def end(self, series: str, index: int) -> datetime:  # noqa: ARG002 - there is only one
        """Return the time of a row."""
        return self._points[index].time

    def span(self) -> timedelta:
        """Return the time from the first row to the last."""
        return self._points[-1].time - self._points[0].time if self._points else timedelta(0)


class _FiringAlerts:
    """Ids of the alerts that have fired and not resolved."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def update(self, alerts: "Iterable[Alert]") -> None:
        for alert in alerts:
            if alert.status == "resolved":
                self.ids.discard(alert.id)
            else:
                self.ids.add(alert.id)
