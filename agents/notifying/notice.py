"""Notices: the changes of alerts that a route is still to be told of."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple, Self

from schemas.alert import Alert, Severity
from streams.core.record import Record

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KEY_DIGITS: Final = 32
ROUTE_HEADER: Final = "newsquake.route"
"""The header of a dead letter that names the route which was not told. A replay keeps it, and tells
that route alone."""
SILENCED_HEADER: Final = "ce_silenced"
"""The header of a change that was silenced when it was written: the silence's id."""
_LAST_OFFSET: Final = 1 << 63


class AlertRecord(NamedTuple):
    """The record that an alert came in, byte for byte, for a dead letter."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]]

    @classmethod
    def of(cls, record: Record) -> Self:
        """Return what is kept of ``record``."""
        value = record.value or b""
        return cls(record.offset, record.timestamp, record.key, value, record.headers)

    @property
    def is_silenced(self) -> bool:
        """Whether a person silenced the alert before this change of it was written."""
        return any(name == SILENCED_HEADER and value for name, value in self.headers)

    @property
    def route(self) -> str:
        """The only route that is told, if the record was replayed; else empty."""
        routes = [value for name, value in self.headers if name == ROUTE_HEADER and value]
        return routes[-1].decode("utf-8", "replace") if routes else ""

    def for_route(self, route: str) -> Self:
        """Return the record as a dead letter of ``route`` has it."""
        others = (header for header in self.headers if header[0] != ROUTE_HEADER)
        return self._replace(headers=(*others, (ROUTE_HEADER, route.encode())))


class Notice(NamedTuple):
    """One change of an alert for one route. Times are milliseconds since the epoch.

    Attributes:
        id: The event's id; of a repetition, with the time of what it repeats.
        alert: The alert after the change.
        since: When it came to the route.
        record: Where the alert came from; None for a repetition, which is no dead letter if lost.
        delivery: The key of the delivery that it belongs to; empty until one is planned.
        began: When the delivery was planned, from which its budget counts.
        due: When it may be sent (again).
        attempts: How often it was sent in vain.
        alone: Whether it is sent by itself, because a message with others was refused.
    """

    id: str
    alert: Alert
    since: int
    record: AlertRecord | None = None
    delivery: str = ""
    began: int = 0
    due: int = 0
    attempts: int = 0
    alone: bool = False

    @property
    def order(self) -> tuple[int, int, str]:
        """The place among others: as they came, in every process; repetitions come last."""
        return self.since, self.record.offset if self.record else _LAST_OFFSET, self.id


class Told(NamedTuple):
    """An alert as a route knows it.

    Attributes:
        alert: The last change that it was told.
        first: When it was told of the alert first.
        last: When it was told last.
        ended: When it was told the end; 0 if it was not.
        former: Severities that the alert had there before, and when each was ended.
    """

    alert: Alert
    first: int
    last: int
    ended: int = 0
    former: tuple[tuple[Severity, int], ...] = ()

    @property
    def changed(self) -> int:
        """When it was told of the alert first, or of another severity."""
        return max(self.first, *(ended for _, ended in self.former), 0)


class Delivery(NamedTuple):
    """One message, to be sent once it is committed that it will be.

    Attributes:
        partition: The partition whose memory has the notices.
        route: The name of the route.
        key: The same at every attempt: receivers recognise a duplicate by it.
        notices: What is told, in order.
        heard: What the route knows of all its alerts, by id, for receivers that are told what
            holds; else empty.
        attempt: The number of the attempt, from 1.
    """

    partition: int
    route: str
    key: str
    notices: tuple[Notice, ...]
    heard: Mapping[str, Told]
    attempt: int


def delivery_key(notices: Sequence[Notice]) -> str:
    """Return the key of the delivery of ``notices``: its content, never a number of our own."""
    if len(notices) == 1:
        return notices[0].id
    names = "\n".join(notice.id for notice in notices)
    return "group." + sha256(names.encode()).hexdigest()[:_KEY_DIGITS]


def in_milliseconds(moment: datetime) -> int:
    """Return the milliseconds since the epoch."""
    return round((moment - _EPOCH) / timedelta(milliseconds=1))


def from_milliseconds(moment: int) -> datetime:
    """Return the time that is so many milliseconds after the epoch."""
    return _EPOCH + timedelta(milliseconds=moment)
