"""Dead letters as lines; no content of a dead letter may stop the listing."""

from base64 import b64encode
from typing import Final

import orjson

from infra.terminal import printable
from schemas.dead_letter import DeadLetter
from streams.core.record import Record

_EXCERPT_CHARACTERS: Final = 60
_MAX_BYTES_PER_CHARACTER: Final = 4  # in UTF-8


def dead_line(record: Record) -> str:
    """Return the reason, the stage, the position of the original and the beginning of its value."""
    dead = DeadLetter.from_headers(record.headers)
    position = f"{dead.topic}/{dead.partition}@{dead.offset}"
    start = (record.value or b"")[: _MAX_BYTES_PER_CHARACTER * _EXCERPT_CHARACTERS]
    excerpt = start.decode("utf-8", "replace")[:_EXCERPT_CHARACTERS]
    reason = dead.message or dead.exception
    if dead.original_bytes is not None:
        reason = (
            f"{reason} (only the first {len(record.value or b'')} of {dead.original_bytes} bytes)"
        )
    return printable(f"{dead.reason} {dead.stage} {position}: {reason} | {excerpt}")


def dead_json(record: Record) -> str:
    """Return the complete dead letter as JSON; its value is in base64, as it may be any bytes."""
    try:
        key = None if record.key is None else record.key.decode()
    except UnicodeDecodeError:
        key = None
    document = {
        **DeadLetter.from_headers(record.headers).model_dump(mode="json"),
        "key": key,
        "key_base64": _base64(record.key),
        "value_base64": _base64(record.value),
        "headers": [
            [name, (value or b"").decode("utf-8", "replace")] for name, value in record.headers
        ],
        "dead": {"partition": record.partition, "offset": record.offset},
    }
    return orjson.dumps(document).decode()


def _base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()
