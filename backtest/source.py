"""What a backtest watches: headlines and signals, or plain numbers. Alerts come out in order."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from statistics import median
from typing import TYPE_CHECKING, Final, Protocol

from backtest.contest import Input
from backtest.sorting import Form, in_order
from backtest.volume import BY_TIME, Point, together
from detection.population import Population
from detection.reference_detectors.binned_series import BinnedSeries
from detection.rule import MONTH, Rule
from detection.series.series import SUBJECT, Series
from detection.trace import TracePoint
from schemas.signal import Signal

if TYPE_CHECKING:
    from schemas.alert import Alert

BY_EVENT_TIME: Final[Form[Signal]] = Form(
    attrgetter("published", "key", "subject"), Signal.to_bytes, Signal.from_bytes
)
"""The order in which the pipeline counts signals."""
_DAY: Final = timedelta(days=1)
_LONGEST: Final = timedelta(days=366)
"""Event time runs on after the end until alerts resolve, as in a pipeline that falls quiet: so far
where a bin is an hour and alerts are not kept."""
_HOUR: Final = timedelta(hours=1)

Show = Callable[[TracePoint], None]


class Source(Protocol):
    """Something to watch."""

    def alerts(self, rule: Rule, show: Show) -> "Iterator[Alert]":
        """Every change of every alert, in order of detection; ``show`` gets each reading."""
        ...

    @property
    def input(self) -> Input:
        """What was counted, for the baselines; complete once the alerts are."""
        ...

    @property
    def months(self) -> float:
        """Subject-months watched."""
        ...


class News:
    """Signals, in any order."""

    def __init__(self, signals: Iterable[Signal]) -> None:
        self._signals = signals
        self._binned = BinnedSeries()

    def alerts(self, rule: Rule, show: Show) -> "Iterator[Alert]":
        """Those of all subjects together, until the last one has resolved."""
        population, firing = Population(rule, show), _Firing()
        at: datetime | None = None
        for signal in in_order(self._signals, BY_EVENT_TIME):
            at = signal.published
            self._binned.add(signal.subject, at, signal.negative)
            yield from firing.noted(population.count(signal))
        limit = at and at + _LONGEST * max(rule.bin / _HOUR, 1.0) + rule.keep_firing_for
        while at and limit and firing and at < limit:
            at += _DAY
            yield from firing.noted(population.advance(at))

    @property
    def input(self) -> BinnedSeries:
        """Negative mass in bins of six hours."""
        return self._binned

    @property
    def months(self) -> float:
        """Subject-months, each subject's from its first signal on."""
        return self._binned.span() / MONTH


class Numbers:
    """Points, in any order; those of one time are added up."""

    def __init__(self, points: Iterable[Point]) -> None:
        self._points = points
        self._rows = Rows()

    def alerts(self, rule: Rule, show: Show) -> "Iterator[Alert]":
        """Those of the one series."""
        series = Series(rule)
        for point in together(in_order(self._points, BY_TIME)):
            self._rows.add(point)
            yield from series.count(*point)
            if series.reading:
                show(series.reading)

    @property
    def input(self) -> "Rows":
        """Each row is a bin."""
        return self._rows

    @property
    def months(self) -> float:
        """From the first row to the last."""
        return self._rows.span() / MONTH


class Rows:
    """One series whose bins are rows, as baselines read it."""

    def __init__(self) -> None:
        self._points: list[Point] = []

    def add(self, point: Point) -> None:
        """In order of time."""
        self._points.append(point)

    @property
    def width(self) -> timedelta:
        """The usual time between two rows."""
        gaps = [(later.at - at.at).total_seconds() for at, later in pairwise(self._points)]
        return timedelta(seconds=median(gaps)) if gaps else _DAY

    @property
    def names(self) -> tuple[str, ...]:
        """One, unless there are no rows."""
        return (SUBJECT,) if self._points else ()

    def values(self, series: str) -> Iterator[float]:  # noqa: ARG002 - there is one
        """One for each row."""
        return (point.value for point in self._points)

    def end(self, series: str, place: int) -> datetime:  # noqa: ARG002 - there is one
        """A row's time."""
        return self._points[place].at

    def span(self) -> timedelta:
        """From the first row to the last."""
        return self._points[-1].at - self._points[0].at if self._points else timedelta(0)


class _Firing:
    """Alerts that have not resolved."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._ids)

    def noted(self, alerts: "Iterable[Alert]") -> "Iterator[Alert]":
        for alert in alerts:
            if alert.status == "resolved":
                self._ids.discard(alert.id)
            else:
                self._ids.add(alert.id)
            yield alert
