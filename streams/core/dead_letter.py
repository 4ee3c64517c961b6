"""Dead letters: records that could not be processed, byte for byte, with the reason in headers."""

from datetime import UTC, datetime

from schemas.dead_letter import DeadLetter
from streams.core.handler import Rejection
from streams.core.record import Message
from streams.core.stage import AnyStage

_MILLISECONDS = 1000


def dead_letter(stage: AnyStage, rejection: Rejection, now: int) -> Message:
    """Return the dead letter of a rejection: the original record and, in headers, the reason.

    ``now`` is in milliseconds since the epoch. A record without a key keeps its partition number.
    """
    record, kind = rejection.record, type(rejection.cause)
    reason = DeadLetter(
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
    return Message(
        stage.dead_letters,
        record.key,
        record.value,
        headers=[*record.headers, *reason.to_headers()],
        timestamp=record.timestamp,
        partition=record.partition if record.key is None else None,
    )
