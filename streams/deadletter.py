"""Dead letters: what could not be processed, byte for byte, with the reason in headers.

The ``__connect.errors.*`` names are those of Kafka Connect's dead-letter queue (KIP-298), so that
existing tools can read them.
"""

from typing import Any

from schemas import deadletter as names
from streams.handler import Rejection
from streams.record import Message, Record
from streams.stage import Stage

_MESSAGE_BYTES = 1024


def dead_letter(stage: Stage[Any], rejection: Rejection, now: int) -> Message:
    """The dead letter of a rejection: original key, value, timestamp and headers, and why.

    ``now`` is in milliseconds since the epoch. Keyless records keep their partition number.
    """
    record = rejection.record
    return Message(
        stage.dead,
        record.key,
        record.value,
        headers=[*record.headers, *_connect(stage, rejection), *_ours(stage, rejection, now)],
        timestamp=record.timestamp,
        partition=record.partition if record.key is None else None,
    )


def _connect(stage: Stage[Any], rejection: Rejection) -> list[tuple[str, bytes]]:
    record, cause = rejection.record, rejection.cause
    kind = type(cause)
    return [
        (names.TOPIC, record.topic.encode()),
        (names.PARTITION, str(record.partition).encode()),
        (names.OFFSET, str(record.offset).encode()),
        (names.STAGE, stage.name.encode()),
        (names.EXCEPTION_CLASS, f"{kind.__module__}.{kind.__qualname__}".encode()),
        (names.EXCEPTION_MESSAGE, _bounded(str(cause))),
    ]


def _ours(stage: Stage[Any], rejection: Rejection, now: int) -> list[tuple[str, bytes]]:
    return [
        (names.REASON, rejection.reason.encode()),
        (names.ATTEMPTS, str(rejection.attempts).encode()),
        (names.FIRST_FAILED_AT, str(now).encode()),
        (names.IDEMPOTENCY_KEY, rejection.idempotency_key.encode()),
        (names.MODEL, rejection.model.encode()),
        (names.VERSION, stage.version.encode()),
        (names.REPLAYS, _replays(rejection.record)),
    ]


def _replays(record: Record) -> bytes:
    return next((value for name, value in record.headers if name == names.REPLAYS), b"0")


def _bounded(message: str) -> bytes:
    raw = message.encode("utf-8", "replace")[:_MESSAGE_BYTES]
    return raw.decode("utf-8", "ignore").encode()
