"""CloudEvents 1.0 over Kafka: read in binary and structured mode, written in binary mode.

Sources: CloudEvents specification 1.0.2, its Kafka protocol binding and JSON event format; W3C
Trace Context for `traceparent`. Header names are compared without regard to case, the last of
equal names counts.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import JsonValue

from schemas.identity import Pair
from schemas.incoming.json_object import parse
from schemas.refusal import Invalid, Undecodable, UnsupportedSchema, excerpt

VERSION: Final = "1.0"
_STRUCTURED: Final = "application/cloudevents+json"
_FAMILY: Final = "application/cloudevents"
_ENVELOPE: Final = frozenset({"specversion", "id", "source"})
_JSON: Final = ("content-type", b"application/json")
_TRACEPARENT: Final = re.compile(
    rb"[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}(?:-[!-~]{1,200})?"
)


class Event(NamedTuple):
    """A record's content, in whichever mode it was sent. Plain JSON has no attributes."""

    data: dict[str, JsonValue]
    id: str | None = None
    source: str | None = None
    time: JsonValue = None

    @property
    def identity(self) -> Pair | None:
        """The event's id within its source; None if either is missing."""
        return Pair(self.source, self.id) if self.source and self.id else None


def received(headers: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Return headers by lower-case name, without those that are null, which Kafka allows."""
    return {name.lower(): value for name, value in headers if value is not None}


def unwrap(value: bytes, headers: Mapping[str, bytes]) -> Event:
    """Read a record's value, with its headers as `received` returns them.

    Raises:
        Undecodable: the value is not JSON, or an attribute's header not UTF-8.
        Invalid: the value is no object, or a structured event lacks id, source or data.
        UnsupportedSchema: the version is not 1.0, or the format of the event is not JSON.
    """
    media_type = (_text(headers, "content-type") or "").partition(";")[0].strip().lower()
    version = _text(headers, "ce_specversion")
    if media_type.startswith(_FAMILY) and media_type != _STRUCTURED:
        problem = "is a CloudEvents format other than a single event in JSON"
        raise UnsupportedSchema("header content-type", problem, "send one JSON event a record")
    if version is not None and media_type != _STRUCTURED:
        _check_version(version, "header ce_specversion")
    body = parse(value)
    is_envelope = body.keys() >= _ENVELOPE and ("data" in body or "data_base64" in body)
    if media_type == _STRUCTURED or (version is None and is_envelope):
        _check_version(body.get("specversion"), "specversion")
        event_id, source = _attribute(body, "id"), _attribute(body, "source")
        return Event(_data(body), event_id, source, body.get("time"))
    return Event(
        body, _text(headers, "ce_id"), _text(headers, "ce_source"), _text(headers, "ce_time")
    )


def headers(
    event_id: str,
    source: str,
    event_type: str,
    time: datetime,
    extra: Iterable[tuple[str, bytes]] = (),
) -> list[tuple[str, bytes]]:
    """Return the headers of a JSON event that we write; `time` must be UTC."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", event_type.encode()),
        ("ce_time", f"{time.replace(tzinfo=None).isoformat()}Z".encode()),
        _JSON,
        *extra,
    ]


def trace(headers: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return the `traceparent` header to pass on: none or one. A malformed one is dropped."""
    for name, value in headers:
        if name.lower() == "traceparent" and value and _TRACEPARENT.fullmatch(value):
            return [("traceparent", value)]
    return []


def _text(headers: Mapping[str, bytes], name: str) -> str | None:
    try:
        return headers[name].decode() if name in headers else None
    except UnicodeDecodeError:
        raise Undecodable(f"header {name}", "is not UTF-8", "encode headers as UTF-8") from None


def _check_version(version: JsonValue, field: str) -> None:
    if version == VERSION:
        return
    shown = excerpt(version) if isinstance(version, str) else type(version).__name__
    raise UnsupportedSchema(field, f"is {shown}, not '1.0'", "send CloudEvents 1.0")


def _attribute(body: dict[str, JsonValue], name: str) -> str:
    value = body.get(name)
    if isinstance(value, str) and value:
        return value
    raise Invalid(name, "is not a text with something in it", "CloudEvents requires it")


def _data(body: dict[str, JsonValue]) -> dict[str, JsonValue]:
    encoded, data = body.get("data_base64"), body.get("data")
    if isinstance(encoded, str):
        try:
            value = base64.b64decode(encoded, validate=True)
        except ValueError:
            remedy = "use RFC 4648 with padding"
            raise Undecodable("data_base64", "is not base64", remedy) from None
        return parse(value)
    if isinstance(data, dict):
        return data
    raise Invalid("data", "is not an object", "put the article's JSON object in data")
