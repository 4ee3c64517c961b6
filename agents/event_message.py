"""Messages that agents write: a payload, its key, and CloudEvents attributes in the headers."""

from collections.abc import Iterable
from datetime import datetime

from schemas.channels import EVENT_SOURCE
from schemas.incoming import cloudevents
from schemas.wire import EventPayload
from streams.core.record import Message


def event_message(  # noqa: PLR0913 - a CloudEvent has that many attributes
    topic: str,
    payload: EventPayload,
    *,
    key: str,
    event_id: str,
    time: datetime | bytes,
    extra: Iterable[tuple[str, bytes]] = (),
) -> Message:
    """Return the message that carries ``payload`` as a CloudEvent in binary mode.

    Its timestamp is the time of writing: Kafka deletes and refuses records by it.

    Args:
        topic: The full name of the topic.
        payload: The value; its class gives the event's type.
        key: The record's key.
        event_id: The event's id; a consumer drops a second event of equal id.
        time: The event time, UTC; its text where several events share it.
        extra: Further headers.
    """
    headers = cloudevents.headers(event_id, EVENT_SOURCE, payload.event_type, time, extra)
    return Message(topic, key.encode(), payload.to_bytes(), headers)
