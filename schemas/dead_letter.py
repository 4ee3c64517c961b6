"""The headers that say why a record is a dead letter, and a model to show them.

The `__connect.errors.` names are those of Kafka Connect (KIP-298), which existing tools read. The
original key, value and headers stay as they were, ours are added to them; the original's timestamp
is in one of ours, since Kafka deletes records by their own.

A replayed record says how often it was replayed, and where it came from. When it fails again, its
next dead letter has these headers once, not twice: headers never grow.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError

from schemas.instants import Instant
from schemas.refusal import bounded
from schemas.sent_time import TIMESTAMP_HEADER
from schemas.wire import Wire

MESSAGE: Final = "__connect.errors.exception.message"
REASON: Final = "newsquake.reason"

HEADERS: Final = {
    "topic": "__connect.errors.topic",
    "partition": "__connect.errors.partition",
    "offset": "__connect.errors.offset",
    "stage": "__connect.errors.stage",
    "exception": "__connect.errors.exception.class.name",
    "message": MESSAGE,
    "reason": REASON,
    "attempts": "newsquake.attempts",
    "first_failed_at": "newsquake.first-failed-at",
    "idempotency_key": "newsquake.idempotency-key",
    "model": "newsquake.model",
    "version": "newsquake.version",
    "replays": "newsquake.replays",
    "timestamp": TIMESTAMP_HEADER,
    "original_bytes": "newsquake.original-bytes",
    "original_sha256": "newsquake.original-sha256",
    "replayed_from": "newsquake.replayed-from",
    "first_failed": "newsquake.first-failed",
    "fixed_from": "newsquake.fixed-from",
    "masked": "newsquake.masked",
}
"""Field of `DeadLetter` to its header."""
_CONNECT: Final = frozenset(name for name in HEADERS.values() if name.startswith("__connect."))
_OWN: Final = frozenset(HEADERS.values()) - _CONNECT
_MAX_REPLAYS: Final = 1_000_000
"""A count above that is a producer's jest, and would grow without end."""


class DeadLetter(Wire):
    """Why a record was set aside. Every field may be missing: others write dead letters too.

    The size of the original's value is there only if the dead letter has just its first bytes, and
    its SHA-256 then, or if something in the dead letter was masked. `replayed_from`, `first_failed`
    and `fixed_from` are there only if the record had been replayed: the dead letter that was
    replayed last and the record that failed first, as topic/partition@offset, and the SHA-256 of
    the value before it was first fixed.
    """

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
    replays: Annotated[int, Field(ge=0, le=_MAX_REPLAYS)] = 0
    timestamp: int | None = None
    original_bytes: int | None = None
    original_sha256: str | None = None
    replayed_from: str | None = None
    first_failed: str | None = None
    fixed_from: str | None = None
    masked: bool | None = None

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> Self:
        """Read a dead record's headers. A header that can't be read counts as missing."""
        texts = {name: value.decode("utf-8", "replace") for name, value in headers if value}
        fields = {field: texts[name] for field, name in HEADERS.items() if name in texts}
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            garbled = {detail["loc"][0] for detail in error.errors()}
            return cls.model_validate({k: v for k, v in fields.items() if k not in garbled})

    def to_headers(self) -> list[tuple[str, bytes]]:
        """Return the headers to add to the original ones; each value is at most 1 KiB."""
        fields = self.model_dump(mode="json", exclude_none=True)
        return [(HEADERS[field], bounded(str(value)).encode()) for field, value in fields.items()]


def original_headers(headers: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return ``headers`` without those that a dead letter or a replay added.

    Names of Kafka Connect that the original brought along stay: the dead letter's are the last.

    >>> dead = [("x", b"1"), *DeadLetter(reason="invalid", stage="ingest").to_headers()]
    >>> original_headers(dead)
    [('x', b'1')]
    """
    added = set(_CONNECT) if any(name == REASON for name, _ in headers) else set()
    originals = []
    for name, value in reversed(headers):
        if name in added:
            added.remove(name)
        elif name not in _OWN:
            originals.append((name, value))
    return originals[::-1]
