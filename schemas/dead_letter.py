"""The headers that say why a record is a dead letter, and a model to show them.

The `__connect.errors.` names are those of Kafka Connect (KIP-298), which existing tools read. The
original key, value, timestamp and headers stay as they were, ours are added to them.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Self

from pydantic import ValidationError

from schemas.instants import Instant
from schemas.refusal import bounded
from schemas.wire import Wire

CONNECT: Final = "__connect.errors."
OURS: Final = "newsquake."
TOPIC: Final = "__connect.errors.topic"
PARTITION: Final = "__connect.errors.partition"
OFFSET: Final = "__connect.errors.offset"
STAGE: Final = "__connect.errors.stage"
EXCEPTION: Final = "__connect.errors.exception.class.name"
MESSAGE: Final = "__connect.errors.exception.message"
REASON: Final = "newsquake.reason"
ATTEMPTS: Final = "newsquake.attempts"
FIRST_FAILED_AT: Final = "newsquake.first-failed-at"
IDEMPOTENCY_KEY: Final = "newsquake.idempotency-key"
MODEL: Final = "newsquake.model"
VERSION: Final = "newsquake.version"
REPLAYS: Final = "newsquake.replays"

HEADERS: Final = {
    "topic": TOPIC,
    "partition": PARTITION,
    "offset": OFFSET,
    "stage": STAGE,
    "exception": EXCEPTION,
    "message": MESSAGE,
    "reason": REASON,
    "attempts": ATTEMPTS,
    "first_failed_at": FIRST_FAILED_AT,
    "idempotency_key": IDEMPOTENCY_KEY,
    "model": MODEL,
    "version": VERSION,
    "replays": REPLAYS,
}
"""Field of `DeadLetter` to its header."""


class DeadLetter(Wire):
    """Why a record was set aside. Every field may be missing: others write dead letters too."""

    reason: str = "unknown"
    stage: str | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    exception: str | None = None
    message: str | None = None
    attempts: int = 1
    first_failed_at: Instant | None = None
    idempotency_key: str | None = None
    model: str | None = None
    version: str | None = None
    replays: int = 0

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> Self:
        """Read a dead record's headers; never fails, a garbled one counts as missing."""
        given = {name: value.decode("utf-8", "replace") for name, value in headers if value}
        found = {field: given[name] for field, name in HEADERS.items() if name in given}
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            garbled = {detail["loc"][0] for detail in error.errors()}
            return cls.model_validate({k: v for k, v in found.items() if k not in garbled})

    def to_headers(self) -> list[tuple[str, bytes]]:
        """Return the headers to add to the original ones; each value is at most 1 KiB."""
        told = self.model_dump(mode="json", exclude_none=True)
        return [(HEADERS[field], bounded(str(value)).encode()) for field, value in told.items()]


def original(headers: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return the headers that the record had before it was set aside."""
    return [header for header in headers if not header[0].startswith((CONNECT, OURS))]
