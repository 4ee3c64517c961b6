"""Dead letters as lines; nothing in one may stop the listing."""

from base64 import b64encode

import orjson

from infra.terminal import printable
from schemas.dead_letter import DeadLetter
from streams.core.record import Record

_EXCERPT = 60


def dead_line(record: Record) -> str:
    """Why, where it was, and how it begins."""
    dead = DeadLetter.from_headers(record.headers)
    place = f"{dead.topic}/{dead.partition}@{dead.offset}"
    begins = (record.value or b"")[: 4 * _EXCERPT].decode("utf-8", "replace")[:_EXCERPT]
    text = f"{dead.reason} {dead.stage} {place}: {dead.message or dead.exception} | {begins}"
    return printable(text)


def dead_json(record: Record) -> str:
    """All of it; the value in base64, because it may be any bytes."""
    dead = DeadLetter.from_headers(record.headers).model_dump(mode="json")
    whole = {
        **dead,
        "key": _text(record.key),
        "key_base64": _base64(record.key),
        "value_base64": _base64(record.value),
        "headers": [[name, (it or b"").decode("utf-8", "replace")] for name, it in record.headers],
        "dead": {"partition": record.partition, "offset": record.offset},
    }
    return orjson.dumps(whole).decode()


def _text(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()
