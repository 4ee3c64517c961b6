"""CloudEvents 1.0 over Kafka: read in binary and structured mode, written in binary mode.

Sources: CloudEvents specification 1.0.2, its Kafka protocol binding and JSON event format; W3C
Trace Context for `traceparent`. Header names are compared without regard to case, the last of
equal names counts.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec
import orjson
from pydantic import JsonValue

from schemas.identity import Pair
from schemas.incoming.json_value import parse
from schemas.incoming.limits import MAX_HEADER_BYTES, MAX_HEADERS
from schemas.refusal import Invalid, TooLarge, Undecodable, UnsupportedSchema, excerpt

VERSION: Final = "1.0"
_STRUCTURED: Final = "application/cloudevents+json"
_FAMILY: Final = "application/cloudevents"
_ENVELOPE: Final = frozenset({"specversion", "id", "source"})
_JSON: Final = ("content-type", b"application/json")
_SPECVERSION: Final = ("ce_specversion", VERSION.encode())
_MAX_REMEMBERED: Final = 64
"""Types of events, each from one source, whose headers are made once."""
_TRACE: Final = "traceparent"
_TRACE_CHARACTERS: Final = len(_TRACE)
_TRACEPARENT: Final = re.compile(
    rb"[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}(?:-[!-~]{1,200})?"
)


class Event(msgspec.Struct, frozen=True, gc=False):
    """A record's content, in whichever mode it was sent. Plain JSON has no attributes.

    ``mended`` says what had to be mended to read the value.
    """

    data: JsonValue
    id: str | None = None
    source: str | None = None
    time: JsonValue = None
    mended: str = ""

    @property
    def identity(self) -> Pair | None:
        """The event's id within its source; None if either is missing."""
        return Pair(self.source, self.id) if self.source and self.id else None


def received(headers: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Return headers by lower-case name, without those that are null, which Kafka allows."""
    return {name.lower(): value for name, value in headers if value is not None}


def check_headers(headers: Sequence[tuple[str, bytes]]) -> None:
    """Check that a record's headers are not too many.

    Raises:
        TooLarge: they are, or they have too many bytes together.
    """
    if len(headers) > MAX_HEADERS:
        raise TooLarge("headers", f"are {len(headers)}", f"send at most {MAX_HEADERS}")
    size = sum(len(name) + len(value or b"") for name, value in headers)
    if size > MAX_HEADER_BYTES:
        raise TooLarge("headers", f"have {size} bytes", f"send at most {MAX_HEADER_BYTES}")


def unwrap(value: bytes, headers: Mapping[str, bytes]) -> Event:
    """Read a record's value, with its headers as `received` returns them.

    Raises:
        Undecodable: the value is not JSON, or an attribute's header not UTF-8.
        Invalid: a structured event lacks id, source or data.
        UnsupportedSchema: the version is not 1.0, or the format of the event is not JSON.
    """
    if not headers:
        body, mended = parse(value)
        return opened(body, mended) if is_envelope(body) else Event(body, mended=mended)  # type: ignore[arg-type]
    media_type = (_text(headers, "content-type") or "").partition(";")[0].strip().lower()
    version = _text(headers, "ce_specversion")
    if media_type.startswith(_FAMILY) and media_type != _STRUCTURED:
        problem = "is a CloudEvents format other than a single event in JSON"
        raise UnsupportedSchema("header content-type", problem, "send one JSON event a record")
    if version is not None and media_type != _STRUCTURED:
        _check_version(version, "header ce_specversion")
    body, mended = parse(value)
    is_structured = media_type == _STRUCTURED or (version is None and is_envelope(body))
    if is_structured:
        if not isinstance(body, dict):
            raise Invalid("value", "is not an object", "send one JSON event a record")
        return opened(body, mended)
    event_id, source = _text(headers, "ce_id"), _text(headers, "ce_source")
    return Event(body, event_id, source, _text(headers, "ce_time"), mended)


def is_envelope(body: JsonValue) -> bool:
    """Return whether a value is an event in JSON: its attributes, with the data in it."""
    return (
        isinstance(body, dict)
        and "specversion" in body
        and body.keys() >= _ENVELOPE
        and ("data" in body or "data_base64" in body)
    )


def opened(body: dict[str, JsonValue], mended: str = "") -> Event:
    """Read a structured event.

    Raises:
        Undecodable: its data is no JSON.
        Invalid: it lacks id, source or data.
        UnsupportedSchema: the version is not 1.0.
    """
    _check_version(body.get("specversion"), "specversion")
    event_id, source = _attribute(body, "id"), _attribute(body, "source")
    data, problem = _data(body)
    return Event(data, event_id, source, body.get("time"), mended or problem)


def headers(
    event_id: str,
    source: str,
    event_type: str,
    time: datetime | bytes,
    extra: Iterable[tuple[str, bytes]] = (),
) -> list[tuple[str, bytes]]:
    """Return the headers of a JSON event that we write; `time` is UTC, or what `time_text` made."""
    origin, kind = _shared(source, event_type)
    return [
        _SPECVERSION,
        ("ce_id", event_id.encode()),
        origin,
        kind,
        ("ce_time", time if isinstance(time, bytes) else time_text(time)),
        _JSON,
        *extra,
    ]


@lru_cache(_MAX_REMEMBERED)
def _shared(source: str, event_type: str) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    """Return the headers that all events of one type and source have."""
    return ("ce_source", source.encode()), ("ce_type", event_type.encode())


def time_text(time: datetime) -> bytes:
    """Return the value of the header `ce_time`; events of one time can share it.

    >>> from datetime import UTC
    >>> time_text(datetime(2026, 3, 3, 8, 15, tzinfo=UTC))
    b'2026-03-03T08:15:00Z'
    """
    return orjson.dumps(time, option=orjson.OPT_UTC_Z)[1:-1]


def trace(headers: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return the `traceparent` header to pass on: none or one. A malformed one is dropped."""
    for name, value in headers:
        # Lengths first: each record has some eight other headers.
        if len(name) != _TRACE_CHARACTERS or name.lower() != _TRACE:
            continue
        if value and _TRACEPARENT.fullmatch(value):
            return [(_TRACE, value)]
    return []


def _text(headers: Mapping[str, bytes], name: str) -> str | None:
    try:
        text = headers[name].decode() if name in headers else None
    except UnicodeDecodeError:
        raise Undecodable(f"header {name}", "is not UTF-8", "encode headers as UTF-8") from None
    # Spring's header mapper writes texts as JSON.
    return text[1:-1] if text and len(text) > 1 and text[0] == text[-1] == '"' else text


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


def _data(body: dict[str, JsonValue]) -> tuple[JsonValue, str]:
    encoded, data = body.get("data_base64"), body.get("data")
    if isinstance(encoded, str):
        try:
            value = base64.b64decode(encoded, validate=True)
        except ValueError:
            remedy = "use RFC 4648 with padding"
            raise Undecodable("data_base64", "is not base64", remedy) from None
        return parse(value)
    if isinstance(data, str) and data.lstrip()[:1] in {"{", "["}:
        return parse(data.encode("utf-8", "replace"))[0], "is JSON in a JSON text"
    if isinstance(data, dict | list):
        return data, ""
    raise Invalid("data", "is not an object", "put the article's JSON object in data")
