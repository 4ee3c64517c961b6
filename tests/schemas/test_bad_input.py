"""Every bad input has its refusal: the right type, a bounded message that names the field."""

import base64
from typing import Any

import orjson
import pytest

from schemas.incoming.decode import decode
from schemas.incoming.limits import (
    MAX_BYTES,
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    MAX_HEADLINE_CHARACTERS,
)
from schemas.incoming.reading import Reading, Refused, read_record
from schemas.refusal import (
    MESSAGE_BYTES,
    Invalid,
    Refusal,
    Tombstone,
    TooLarge,
    Undecodable,
    UnsupportedSchema,
)

ITEM = {"headline": "Acme falls", "published": "2026-03-03T09:30:00Z"}
GOOD = orjson.dumps(ITEM)
Headers = list[tuple[str, bytes]]


def item(**fields: Any) -> bytes:
    """Return an article with these fields changed."""
    return orjson.dumps({**ITEM, **fields})


def with_raw(json: bytes) -> bytes:
    """Return an article with an unknown field that holds exactly this JSON."""
    return GOOD[:-1] + b',"x":' + json + b"}"


def nested(levels: int) -> bytes:
    """Return this many lists inside each other."""
    return b"[" * levels + b"]" * levels


def without(field: str) -> bytes:
    """Return an article that lacks the field."""
    return orjson.dumps({name: value for name, value in ITEM.items() if name != field})


def event(**fields: Any) -> bytes:
    """Return a structured event with these attributes changed."""
    return orjson.dumps({"specversion": "1.0", "id": "1", "source": "s", "data": ITEM, **fields})


UNDECODABLE = {
    "empty": b"",
    "spaces": b"   ",
    "invalid UTF-8": b'{"headline":"\xff"}',
    "UTF-16": '{"headline":"A"}'.encode("utf-16"),
    "encoded surrogate": b'{"headline":"\xed\xa0\x80"}',
    "broken": GOOD[:-1],
    "two documents": GOOD + GOOD,
    "not JSON": b"<rss/>",
    "avro-like": b"\x00\x00\x00\x00\x01abc",
    "single quotes": b"{'headline': 'A'}",
    "10 000 lists": nested(10_000),
    "10 000 lists in extra": with_raw(nested(10_000)),
    "10 000 lists left open": b"[" * 10_000,
    "10 000 objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
}
INVALID = {
    "null": b"null",
    "list": b"[]",
    "text": b'"headline"',
    "number": b"1",
    "empty object": b"{}",
    "no headline": without("headline"),
    "null headline": item(headline=None),
    "empty headline": item(headline=""),
    "blank headline": item(headline=" \t\n"),
    "headline of markup only": item(headline="<p>&nbsp;</p>"),
    "headline of NUL only": item(headline="\0"),
    "headline a number": item(headline=7),
    "headline a boolean": item(headline=True),
    "no time": without("published"),
    "null time": item(published=None),
    "empty time": item(published=""),
    "zero time": item(published=0),
    "zero date": item(published="1970-01-01T00:00:00Z"),
    "flag": item(published=1),
    "serial date": item(published=46_084.5),
    "days": item(published=20_515),
    "removed": item(headline="[Removed]"),
    "time a boolean": item(published=True),
    "time a list": item(published=[1]),
    "time an object": item(published={"seconds": 1}),
    "bad time": item(published="soon"),
    "before 1970": item(published="1969-12-31T23:59:59Z"),
    "year 1": item(published="0001-01-01T00:00:00Z"),
    "after 2100": item(published="2101-01-01T00:00:00Z"),
    "year 9999": item(published="9999-12-31T23:59:59Z"),
    "negative epoch": item(published=-1),
    "enormous epoch": item(published=1e308),
}


@pytest.mark.parametrize("value", UNDECODABLE.values(), ids=UNDECODABLE)
def test_undecodable(value: bytes) -> None:
    """These bytes would crash the stage, or something worse than refusal would happen to them."""
    refused(value, [], Undecodable)


@pytest.mark.parametrize("value", INVALID.values(), ids=INVALID)
def test_invalid(value: bytes) -> None:
    """This record would become an article that later stages can't work with."""
    refused(value, [], Invalid)


@pytest.mark.parametrize(
    ("value", "headers", "kind"),
    [
        (event(specversion="0.3"), [], UnsupportedSchema),
        (event(specversion=1.0), [], UnsupportedSchema),
        (event(specversion=None), [], UnsupportedSchema),
        (GOOD, [("ce_specversion", b"0.3")], UnsupportedSchema),
        (GOOD, [("ce_specversion", b"2.0")], UnsupportedSchema),
        (GOOD, [("ce_specversion", b"")], UnsupportedSchema),
        (b"\x00avro", [("content-type", b"application/cloudevents+avro")], UnsupportedSchema),
        (b"[]", [("content-type", b"application/cloudevents-batch+json")], UnsupportedSchema),
        (GOOD, [("content-type", b"application/cloudevents+json")], UnsupportedSchema),
        (GOOD, [("content-type", b"Application/CloudEvents+JSON")], UnsupportedSchema),
        (b"[]", [("content-type", b"application/cloudevents+json")], Invalid),
        (event(id=""), [], Invalid),
        (event(id=7), [], Invalid),
        (event(source=None), [], Invalid),
        (event(data=None), [], Invalid),
        (event(data="text"), [], Invalid),
        (event(data={}), [], Invalid),
        (event(data={"headline": "A"}, time="soon"), [], Invalid),
        (event(data={"headline": "A"}, time=True), [], Invalid),
        (event(data_base64="%%%"), [], Undecodable),
        (event(data_base64="é"), [], Undecodable),
        (event(data_base64="%" + base64.b64encode(GOOD).decode()), [], Undecodable),
        (event(data_base64="YWJj"), [], Undecodable),
        (
            event(data_base64=base64.b64encode(b'{"a":' + nested(500) + b"}").decode()),
            [],
            Invalid,
        ),
        (without("published"), [("ce_time", b"soon")], Invalid),
        (GOOD, [("ce_specversion", b"\xff")], Undecodable),
        (GOOD, [("ce_id", b"\xff"), ("ce_source", b"s")], Undecodable),
        (GOOD, [("ce_time", b"\xff")], Undecodable),
        (GOOD, [("content-type", b"\xff")], Undecodable),
        (GOOD, [("idempotency-key", b"\xff")], Invalid),
        (GOOD, [("idempotency-key", b"")], Invalid),
        (GOOD, [("idempotency-key", b"a\nb")], Invalid),
        (GOOD, [("idempotency-key", b"k" * 201)], Invalid),
    ],
)
def test_bad_events_and_headers(value: bytes, headers: Headers, kind: type[Refusal]) -> None:
    """A producer's wrong envelope would crash the stage, or be read as something else."""
    refused(value, headers, kind)


def test_a_tombstone_is_refused() -> None:
    """A record without a value would crash the stage."""
    with pytest.raises(Tombstone):
        decode(None, [])


@pytest.mark.parametrize(
    "value",
    [
        b"x" * 2_000_000,
        item(summary="x" * 2_000_000),
        with_raw(b"[" + b"1e15," * 190_000 + b"1]"),
        item(headline="x" * (MAX_HEADLINE_CHARACTERS + 1)),
        b"[" + b"{}," * 1_000 + b"{}]",
    ],
)
def test_too_large(value: bytes) -> None:
    """What comes out would not fit into the next topic, and the stage would crash for ever."""
    refused(value, [], TooLarge)


def test_the_limit_itself_passes_and_can_be_set() -> None:
    """The limit would be off by one, or fixed."""
    filler = MAX_BYTES - len(item(summary=""))
    exact = item(summary="x" * filler)
    assert len(exact) == MAX_BYTES
    assert decode(exact, []).summary == "x" * filler
    with pytest.raises(TooLarge):
        decode(exact + b" ", [])
    with pytest.raises(TooLarge):
        decode(item(summary="x" * 10_000), [], 10_000)
    assert decode(item(summary="x" * 10_000), [], 20_000).summary == "x" * 10_000


def refused(value: bytes, headers: Headers, kind: type[Refusal]) -> None:
    """Check that the record is refused, with a message fit for a dead letter."""
    with pytest.raises(kind) as caught:
        decode(value, headers)
    message = str(caught.value)
    assert caught.value.field in message
    assert len(message.encode()) <= MESSAGE_BYTES
    assert "Acme" not in message


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ([("x", b"1")] * (MAX_HEADERS + 1), f"headers are {MAX_HEADERS + 1}"),
        ([("x", b"1" * MAX_HEADER_BYTES)], f"headers have {MAX_HEADER_BYTES + 1} bytes"),
    ],
)
def test_headers_without_end_are_refused(headers: list[tuple[str, bytes]], words: str) -> None:
    """One producer could have each of its records cost what a thousand cost."""
    (refused,) = read_record(GOOD, headers)
    assert isinstance(refused, Refused)
    assert refused.refusal.reason == "too_large"
    assert words in str(refused.refusal)
    most = [("x", b"1")] * MAX_HEADERS
    assert isinstance(read_record(GOOD, most)[0], Reading)
