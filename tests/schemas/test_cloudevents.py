"""Events are read in both modes, and written so that others can read them."""

import base64
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from schemas.article import Article
from schemas.incoming import cloudevents
from schemas.incoming.decode import decode

ITEM = {"headline": "Acme falls", "id": "own"}
BINARY = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"e-1"),
    ("ce_source", b"//wire"),
    ("ce_type", b"article"),
    ("ce_time", b"2026-03-03T09:30:00Z"),
    ("content-type", b"application/json"),
]
ENVELOPE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "//wire",
    "type": "article",
    "time": "2026-03-03T09:30:00Z",
}
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def expected() -> Article:
    """Return the article that every way of sending the event must give."""
    return decode(orjson.dumps(ITEM), BINARY)


def test_binary_mode() -> None:
    """Attributes in headers would be ignored."""
    article = expected()
    assert article.source == "//wire"
    assert article.published == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    assert article.extra == {"id": "own", "newsquake_published_from": "ce_time"}


@pytest.mark.parametrize(
    "headers", [STRUCTURED, [], [("Content-Type", b"Application/CloudEvents+JSON ; a=b")]]
)
@pytest.mark.parametrize(
    "data",
    [{"data": ITEM}, {"data_base64": base64.b64encode(orjson.dumps(ITEM)).decode()}],
    ids=["data", "data_base64"],
)
def test_structured_mode_is_the_same_event(headers: Any, data: dict[str, Any]) -> None:
    """The same event in two modes would be two articles."""
    assert decode(orjson.dumps({**ENVELOPE, **data}), headers) == expected()


def test_header_names_ignore_case() -> None:
    """A producer's library that capitalises headers would lose its attributes."""
    assert (
        decode(orjson.dumps(ITEM), [(name.title(), value) for name, value in BINARY]) == expected()
    )


def test_the_last_of_equal_headers_counts() -> None:
    """Kafka's own clients read the last header, so producers expect it."""
    assert decode(orjson.dumps(ITEM), [("ce_id", b"other"), *BINARY]) == expected()


def test_null_headers_are_missing() -> None:
    """Kafka allows headers without a value; one would crash the stage."""
    nulls: Any = [(name, None) for name, _ in BINARY]
    body = orjson.dumps({**ITEM, "published": 1_772_530_200})
    assert decode(body, nulls) == decode(body, [])


def test_an_envelope_is_not_looked_for_in_binary_mode() -> None:
    """Fields of an article that look like an envelope would replace it."""
    body = {**ENVELOPE, **ITEM, "data": {"a": 1}}
    assert decode(orjson.dumps(body), BINARY).headline == "Acme falls"


def test_plain_json_with_some_attributes_is_no_envelope() -> None:
    """An article with a version and a source would be refused for want of data."""
    body = {**ENVELOPE, **ITEM, "published": 1_772_530_200}
    assert decode(orjson.dumps(body), []).headline == "Acme falls"


def test_headers_that_we_write_can_be_read() -> None:
    """Consumers could not tell what a record is."""
    moment = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    written = cloudevents.headers("é-1", "newsquake", "newsquake.signal", moment, [("a", b"b")])
    assert written == [
        ("ce_specversion", b"1.0"),
        ("ce_id", "é-1".encode()),
        ("ce_source", b"newsquake"),
        ("ce_type", b"newsquake.signal"),
        ("ce_time", b"2026-03-03T09:30:00Z"),
        ("content-type", b"application/json"),
        ("a", b"b"),
    ]
    read = cloudevents.unwrap(b"{}", cloudevents.received(written))
    assert (read.id, read.source, read.time) == ("é-1", "newsquake", "2026-03-03T09:30:00Z")


def test_trace_is_passed_through() -> None:
    """A trace would end at the first stage."""
    assert cloudevents.trace([("x", b"y"), ("traceparent", TRACE)]) == [("traceparent", TRACE)]
    assert cloudevents.trace([("TraceParent", TRACE)]) == [("traceparent", TRACE)]


@pytest.mark.parametrize(
    "value", [None, b"", b"00-abc", TRACE.upper(), TRACE + b"\n", b"x" * 99_999]
)
def test_a_malformed_trace_ends_here(value: Any) -> None:
    """Any producer could put any bytes into the headers of every later record."""
    assert cloudevents.trace([("traceparent", value)]) == []
