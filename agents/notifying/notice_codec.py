"""Notices as JSON, with every byte of the records that alerts came in."""

from typing import Any

import orjson

from agents.notifying.notice import AlertRecord, Notice
from schemas.alert import Alert


def notice_fields(notice: Notice) -> dict[str, Any]:
    """Return a notice as JSON can say it; an alert that came in a record is in that alone."""
    record = notice.record
    return notice._asdict() | {
        "alert": None if record else notice.alert.model_dump(mode="json"),
        "record": record
        and [
            record.offset,
            record.timestamp,
            _text(record.key),
            record.value.decode(),  # it is JSON, or there were no alert
            [[name, _text(value)] for name, value in record.headers],
        ],
    }


def notice_of(fields: dict[str, Any]) -> Notice:
    """Return the notice that `notice_fields` took apart."""
    record: AlertRecord | None = None
    if fields["record"] is not None:
        offset, timestamp, key, value, headers = fields["record"]
        pairs = tuple((name, _bytes(text) or b"") for name, text in headers)
        record = AlertRecord(offset, timestamp, _bytes(key), value.encode(), pairs)
    alert = Alert.from_bytes(record.value if record else orjson.dumps(fields["alert"]))
    return Notice(**{**fields, "alert": alert, "record": record})


def _text(value: bytes | None) -> str | None:
    """Return bytes as a text that has them all; headers are whatever their producer wrote."""
    return None if value is None else value.decode("latin-1")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("latin-1")
