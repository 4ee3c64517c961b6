"""Dead letters: records that could not be processed, byte for byte, with the reason in headers.

A record that is small on the wire may be large once it is decompressed, and its producer may have
had a better codec than the one at hand. One that is too large is replaced by an excerpt.
"""

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple

import structlog

from schemas.dead_letter import HEADERS, DeadLetter, original_headers
from schemas.sent_time import sent_at
from streams.core.handler import Rejection
from streams.core.letter_mask import Content, fingerprint, masked
from streams.core.record import Headers, Message, Record
from streams.core.stage import AnyStage

MAX_DEAD_LETTER_BYTES: Final = 5 << 20
"""Bytes of a dead letter on the wire: ``max.message.bytes`` of the dead letters' topic."""
_RESERVED_BYTES: Final = 64 << 10
"""Bytes for the headers that say the reason, and for the frame of a record batch."""
_MAX_COMPRESSED_BYTES: Final = 16 << 20
"""Bytes of a record that is worth a second of compressing."""
_EXCERPT_BYTES: Final = 64 << 10
"""Bytes kept of each of key, value and headers of a record that does not fit."""
_MILLISECONDS = 1000
SKIPPED: Final = "skipped"
"""The reason code of what a person decided to go past."""
_log = structlog.get_logger(__name__)


class SkippedByOperator(Exception):
    """A person decided to go past the record; the text says why."""


class BatchSkipped(SkippedByOperator):
    """A person decided to go past a batch that can't be read; the dead letter has its bytes."""


class Excerpt(NamedTuple):
    """The first bytes of a record, and the size and SHA-256 of its whole value."""

    key: bytes | None
    value: bytes
    headers: Headers
    bytes: int
    sha256: str


def excerpt(record: Record) -> Excerpt | None:
    """Return an excerpt of ``record``, or None if it fits a dead letter as a whole.

    The log compresses a record that is larger than a batch, so its compressed size counts.
    """
    value = record.value or b""
    limit = MAX_DEAD_LETTER_BYTES - _RESERVED_BYTES
    others = len(record.key or b"") + _header_bytes(record.headers)
    if others + len(value) <= limit:
        return None
    is_worth_compressing = others + len(value) <= _MAX_COMPRESSED_BYTES
    if is_worth_compressing and others + len(zlib.compress(value, 1)) <= limit:
        return None
    first_headers = list(record.headers)
    while _header_bytes(first_headers) > _EXCERPT_BYTES:
        del first_headers[len(first_headers) // 2 :]
    return Excerpt(
        key=record.key and record.key[:_EXCERPT_BYTES],
        value=value[:_EXCERPT_BYTES],
        headers=first_headers,
        bytes=len(value),
        sha256=sha256(value).hexdigest(),
    )


def _header_bytes(headers: Headers) -> int:
    """Return an upper bound of the bytes of ``headers`` on the wire."""
    return sum(4 * len(name) + len(value or b"") + 10 for name, value in headers)


def class_name(kind: type[BaseException]) -> str:
    """Return the full name of an exception, as dead letters have it."""
    return f"{kind.__module__}.{kind.__qualname__}"


def dead_letter(stage: AnyStage, rejection: Rejection, now: int) -> Message:
    """Return the dead letter of a rejection: the original record and, in headers, the reason.

    ``now`` is in milliseconds since the epoch. A record without a key keeps its partition number.
    The mask of the stage takes out what must not be kept.
    """
    record, kind = rejection.record, type(rejection.cause)
    first, before = excerpt(record), DeadLetter.from_headers(record.headers)
    begin, message, key = first or record, str(rejection.cause), rejection.idempotency_key
    content = original = Content(begin.key, begin.value, list(begin.headers))
    if stage.mask:
        message = stage.mask.message(message)
        if mask := stage.mask.content:
            content, key = masked(original, mask), mask(key)
    is_masked = content != original
    reason = DeadLetter(
        reason=rejection.reason,
        stage=stage.name,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        exception=class_name(kind),
        message=message,
        attempts=rejection.attempts,
        first_failed_at=datetime.fromtimestamp(now / _MILLISECONDS, UTC),
        idempotency_key=key or None,
        model=rejection.model or None,
        version=stage.version or None,
        replays=before.replays,
        timestamp=sent_at(record.headers, record.timestamp),
        original_bytes=first and first.bytes,
        original_sha256=first.sha256 if first else fingerprint(record.value) if is_masked else None,
        masked=is_masked or None,
        replayed_from=before.replayed_from,
        first_failed=before.first_failed,
        fixed_from=before.fixed_from,
    )
    return Message(
        stage.dead_letters,
        content.key,
        content.value,
        headers=[*original_headers(content.headers), *reason.to_headers()],
        partition=record.partition if record.key is None else None,
    )


def log_excerpts(
    stage: AnyStage, rejections: Sequence[Rejection], letters: Sequence[Message]
) -> None:
    """Log each record of ``rejections`` whose letter is an excerpt, and where the whole stands."""
    for (record, *_), letter in zip(rejections, letters, strict=True):
        if HEADERS["original_bytes"] in dict(letter.headers):
            _log.warning(
                "dead letter has only the first bytes: read the original before retention takes it",
                agent=stage.name,
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                bytes=len(record.value or b""),
            )
