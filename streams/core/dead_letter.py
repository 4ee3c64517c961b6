"""Dead letters: what could not be processed, byte for byte, with the reason in headers."""

from datetime import UTC, datetime
from typing import Any

from schemas.dead_letter import DeadLetter
from streams.core.handler import Rejection
from streams.core.record import Message
from streams.core.stage import Stage

_MILLISECONDS = 1000


def dead_letter(stage: Stage[Any], rejection: Rejection, now: int) -> Message:
    """The dead letter of a rejection: original key, value, timestamp and headers, and why.

    ``now`` is in milliseconds since the epoch. Keyless records keep their partition number.
    """
    record = rejection.record
    return Message(
        stage.dead_letters,
        record.key,
        record.value,
        headers=[*record.headers, *_reason(stage, rejection, now).to_headers()],
        timestamp=record.timestamp,
        partition=record.partition if record.key is None else None,
    )


def _reason(stage: Stage[Any], rejection: Rejection, now: int) -> DeadLetter:
    record, kind = rejection.record, type(rejection.cause)
    return DeadLetter(
        reason=rejection.reason,
        stage=stage.name,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        exception=f"{kind.__module__}.{kind.__qualname__}",
        message=str(rejection.cause),
        attempts=rejection.attempts,
        first_failed_at=datetime.fromtimestamp(now / _MILLISECONDS, UTC),
        idempotency_key=rejection.idempotency_key or None,
        model=rejection.model or None,
        version=stage.version or None,
        replays=DeadLetter.from_headers(record.headers).replays,
    )
