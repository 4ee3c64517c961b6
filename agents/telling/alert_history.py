"""Past alerts: the changes of each one, put together from the topic `alerts`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from agents.silencing.silence_book import silencing_id
from schemas.alert import Alert
from schemas.refusal import Refusal
from streams.core.record import Record

_MILLISECONDS = 1000


class AlertChange(NamedTuple):
    """One record of the topic.

    Attributes:
        alert: The alert after the change.
        written: When the record was written.
        silence: The id of the silence that covered the subject then; None if none did.
    """

    alert: Alert
    written: datetime
    silence: str | None


@dataclass(frozen=True, slots=True)
class AlertHistory:
    """The life-cycle of one alert: its changes, oldest first; there is at least one."""

    changes: tuple[AlertChange, ...]

    @property
    def latest(self) -> Alert:
        """The alert as it is now, or was when it ended."""
        return self.changes[-1].alert

    @property
    def is_open(self) -> bool:
        """Whether it has not resolved."""
        return self.latest.status != "resolved"

    @property
    def began(self) -> datetime:
        """The time of the first change that is still kept."""
        return self.changes[0].alert.detected_at

    @property
    def ended(self) -> datetime | None:
        """The time at which it resolved."""
        return None if self.is_open else self.latest.detected_at


class PastAlerts(NamedTuple):
    """Histories of the alerts of a topic.

    Attributes:
        histories: Every alert, in the order in which they began.
        unreadable: The number of records that are no alerts.
    """

    histories: list[AlertHistory]
    unreadable: int


def past_alerts(records: Iterable[Record]) -> PastAlerts:
    """Put the changes of each alert together.

    A subject's alerts may lie in two partitions, since topics grow; so records are taken in the
    order in which they were written.
    """
    changes: dict[str, list[AlertChange]] = {}
    unreadable = 0
    for record in sorted(records, key=lambda record: record.timestamp):
        try:
            alert = Alert.from_event(record.value, record.headers)
        except Refusal:
            unreadable += 1
            continue
        written = datetime.fromtimestamp(record.timestamp / _MILLISECONDS, UTC)
        change = AlertChange(alert, written, silencing_id(record.headers))
        changes.setdefault(alert.id, []).append(change)
    histories = [AlertHistory(tuple(history)) for history in changes.values()]
    histories.sort(key=lambda history: (history.began, history.latest.subject, history.latest.id))
    return PastAlerts(histories, unreadable)


def with_id(histories: Iterable[AlertHistory], wanted: str) -> list[AlertHistory]:
    """Return the alerts whose id begins with ``wanted``, or the open ones of that subject."""
    return [
        history
        for history in histories
        if history.latest.id.startswith(wanted)
        or (history.is_open and history.latest.subject == wanted)
    ]
