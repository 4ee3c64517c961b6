"""Messages that agents write: a payload, its key, and CloudEvents attributes in the headers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from schemas.channels import EVENT_SOURCE, Channel
from schemas.incoming import cloudevents
from schemas.wire import Wire
from streams.core.record import Headers, Message, Record

RAW_PARTITION: Final = "newsquake.partition"
"""Header of an accepted article: the number of the `news.raw` partition that it came from."""


class Outlet:
    """One topic that an agent writes to, by its full name, and what its events are called."""

    def __init__(self, channel: Channel, topic: str) -> None:
        if channel.event_type is None:
            raise ValueError(f"{channel.topic} has no event type: its bytes are not ours to name")
        self.topic = topic
        self._type = channel.event_type

    def message(  # noqa: PLR0913 - an event's attributes are what they are
        self,
        payload: Wire,
        *,
        key: str,
        event_id: str,
        time: datetime,
        extra: Iterable[tuple[str, bytes]] = (),
        timestamp: int | None = None,
    ) -> Message:
        """``time`` is event time, UTC; ``timestamp`` the record's, ``None`` for when it is sent."""
        headers = cloudevents.headers(event_id, EVENT_SOURCE, self._type, time, extra)
        return Message(self.topic, key.encode(), payload.to_bytes(), headers, timestamp)


def lineage(record: Record) -> str:
    """The partitions of `news.raw` and `news.accepted` that an accepted article came through.

    The first is empty for an article that `ingest` did not write: it is a path of its own.
    """
    return f"{_header(record.headers, RAW_PARTITION).decode('ascii', 'replace')}.{record.partition}"


def _header(headers: Headers, wanted: str) -> bytes:
    return next((value for name, value in headers if name == wanted), None) or b""
