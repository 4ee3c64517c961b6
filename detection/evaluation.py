"""Evaluation of alerts against events that are known to have happened."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from statistics import median
from typing import NamedTuple, Self


class KnownEvent(NamedTuple):
    """An event that should have raised an alert.

    It is detected by an alert that fires or escalates between ``begin`` and ``end``, both included.

    Attributes:
        subjects: Names or patterns of subjects; an alert on any of them counts.
        begin: First time at which an alert counts.
        end: Last time at which an alert counts.
        note: Free text.
        kind: What happened, in a word; empty if unknown.
        size: 1 (large), 2 or 3 (small); None if unknown.
    """

    subjects: tuple[str, ...]
    begin: datetime
    end: datetime
    note: str = ""
    kind: str = ""
    size: int | None = None


class AlertSpan(NamedTuple):
    """The time of an alert.

    Attributes:
        names: The alert's subject; for an alert of the market also its members.
        changes: Times at which it fired and escalated, in order.
        end: Time at which it resolved; None while it fires.
    """

    names: tuple[str, ...]
    changes: tuple[datetime, ...]
    end: datetime | None = None


class Evaluation(NamedTuple):
    """Result of an evaluation.

    Attributes:
        alerts: Number of alerts.
        false: Number of alerts that overlap no event of their subject.
        months: Subject-months that were watched.
        events: The known events.
        detections: Time of the first alert for each event; None for a missed event.
        harmless: Times of much but harmless attention to a subject.
        disturbed: Time of the first alert within each of them; None if there was none.
    """

    alerts: int
    false: int
    months: float
    events: tuple[KnownEvent, ...]
    detections: tuple[datetime | None, ...]
    harmless: tuple[KnownEvent, ...] = ()
    disturbed: tuple[datetime | None, ...] = ()

    @property
    def recall(self) -> float | None:
        """Return the share of the events that were detected; None if there are no events."""
        if not self.detections:
            return None
        return sum(time is not None for time in self.detections) / len(self.detections)

    @property
    def delay(self) -> timedelta | None:
        """Return the median time from an event's begin to its detection; None without any."""
        pairs = zip(self.events, self.detections, strict=True)
        delays = [time - event.begin for event, time in pairs if time is not None]
        if not delays:
            return None
        return timedelta(seconds=median(delay.total_seconds() for delay in delays))

    @property
    def false_harmless(self) -> int:
        """Return the number of harmless times in which an alert fired or escalated."""
        return sum(time is not None for time in self.disturbed)

    def among(self, wanted: Callable[[KnownEvent], bool]) -> Self:
        """Return the evaluation with those events only for which ``wanted`` is true.

        Alerts and what is harmless stay as they are.
        """
        pairs = list(zip(self.events, self.detections, strict=True))
        chosen = [(event, time) for event, time in pairs if wanted(event)]
        events = tuple(event for event, _ in chosen)
        return self._replace(events=events, detections=tuple(time for _, time in chosen))


def evaluate(
    alerts: Sequence[AlertSpan],
    events: Iterable[KnownEvent],
    months: float,
    harmless: Iterable[KnownEvent] = (),
) -> Evaluation:
    """Compare the alerts of ``months`` subject-months with known events.

    Only an alert on the subject itself disturbs a ``harmless`` time: the market may move then, and
    take the subject along.

    >>> day = datetime(2008, 9, 15)
    >>> event = KnownEvent(("company:LEH",), day, day + timedelta(days=1))
    >>> good = AlertSpan(("company:LEH",), (day + timedelta(hours=2),))
    >>> bad = AlertSpan(("company:KO",), (day,))
    >>> evaluation = evaluate([good, bad], [event], months=20)
    >>> evaluation.alerts, evaluation.false, evaluation.recall, str(evaluation.delay)
    (2, 1, 1.0, '2:00:00')
    """
    known = tuple(events)
    false = sum(not any(_overlaps(alert, event) for event in known) for alert in alerts)
    detections = tuple(_first_detection(event, alerts) for event in known)
    calm = tuple(harmless)
    own = [alert._replace(names=alert.names[:1]) for alert in alerts]
    disturbed = tuple(_first_detection(event, own) for event in calm)
    return Evaluation(len(alerts), false, months, known, detections, calm, disturbed)


def _concerns(alert: AlertSpan, event: KnownEvent) -> bool:
    """Return whether a name of the alert matches a subject of the event."""
    return any(fnmatchcase(name, pattern) for name in alert.names for pattern in event.subjects)


def _first_detection(event: KnownEvent, alerts: Iterable[AlertSpan]) -> datetime | None:
    times = [
        time
        for alert in alerts
        if _concerns(alert, event)
        for time in alert.changes
        if event.begin <= time <= event.end
    ]
    return min(times, default=None)


def _overlaps(alert: AlertSpan, event: KnownEvent) -> bool:
    ends_after_begin = alert.end is None or alert.end >= event.begin
    return ends_after_begin and alert.changes[0] <= event.end and _concerns(alert, event)
