"""Alerts held against what is known to have happened."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from statistics import median
from typing import NamedTuple


class KnownEvent(NamedTuple):
    """Something that an alert should have come of, on any of ``subjects`` (names or patterns).

    It is found by an alert that fires or escalates between ``begin`` and ``end``, both included.
    """

    subjects: tuple[str, ...]
    begin: datetime
    end: datetime
    note: str = ""


class AlertSpan(NamedTuple):
    """An alert: ``moves`` are when it fired and when it escalated; ``end`` is None where it lasts.

    ``names`` are its subject, and its members if it is the market's.
    """

    names: tuple[str, ...]
    moves: tuple[datetime, ...]
    end: datetime | None = None


class Evaluation(NamedTuple):
    """``found`` has the time of the first move for each event, None for a miss."""

    alerts: int
    false: int
    months: float
    events: tuple[KnownEvent, ...]
    found: tuple[datetime | None, ...]

    @property
    def recall(self) -> float | None:
        """Share of the events that were found; None without any."""
        hits = sum(at is not None for at in self.found)
        return hits / len(self.found) if self.found else None

    @property
    def delay(self) -> timedelta | None:
        """Median time from an event's begin to its first move, of those found."""
        both = zip(self.events, self.found, strict=True)
        delays = [at - event.begin for event, at in both if at is not None]
        return timedelta(seconds=median(it.total_seconds() for it in delays)) if delays else None


def evaluate(
    raised: Sequence[AlertSpan], events: Iterable[KnownEvent], months: float
) -> Evaluation:
    """What ``raised`` found in ``months`` subject-months. False is what overlaps no event.

    >>> day = datetime(2008, 9, 15)
    >>> event = KnownEvent(("company:LEH",), day, day + timedelta(days=1))
    >>> good = AlertSpan(("company:LEH",), (day + timedelta(hours=2),))
    >>> told = evaluate([good, AlertSpan(("company:KO",), (day,))], [event], months=20)
    >>> told.alerts, told.false, told.recall, str(told.delay)
    (2, 1, 1.0, '2:00:00')
    """
    known = tuple(events)
    false = sum(not any(_overlap(alert, event) for event in known) for alert in raised)
    found = tuple(_first(event, raised) for event in known)
    return Evaluation(len(raised), false, months, known, found)


def concerns(event: KnownEvent, names: Iterable[str]) -> bool:
    """Whether one of ``names`` is, or matches, a subject of the event."""
    return any(fnmatchcase(name, pattern) for name in names for pattern in event.subjects)


def _first(event: KnownEvent, raised: Iterable[AlertSpan]) -> datetime | None:
    alerts = [alert for alert in raised if concerns(event, alert.names)]
    moves = [at for alert in alerts for at in alert.moves if event.begin <= at <= event.end]
    return min(moves, default=None)


def _overlap(alert: AlertSpan, event: KnownEvent) -> bool:
    lasted = alert.end is None or alert.end >= event.begin
    return lasted and alert.moves[0] <= event.end and concerns(event, alert.names)
