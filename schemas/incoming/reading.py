"""Read records of `news.raw`: each item of a record becomes an article, or is refused."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final, NamedTuple

import msgspec
import orjson
from pydantic import JsonValue

from schemas import identity
from schemas.channels import RAW
from schemas.incoming import cloudevents, envelopes
from schemas.incoming.aliases import DELETED
from schemas.incoming.cloudevents import Event
from schemas.incoming.fields import Fields, Warning  # noqa: A004 - the documents' word
from schemas.incoming.item import Origin, Reading, read_item, source_of
from schemas.incoming.json_value import parse
from schemas.incoming.limits import (
    MAX_ADDED_BYTES,
    MAX_AHEAD,
    MAX_BYTES,
    MAX_GROWTH_FACTOR,
    MAX_HEADERS,
    MAX_ITEMS,
)
from schemas.incoming.plain.item import read_plain
from schemas.incoming.profiles.profile import HEADER, Profiles
from schemas.incoming.profiles.shipped import shipped
from schemas.refusal import Invalid, Refusal, Tombstone, TooLarge, Undecodable

__all__ = [
    "DEFAULT_DOOR",
    "Door",
    "Profiles",
    "Reading",
    "Refused",
    "Warning",
    "read_record",
    "shipped",
]


class Refused(NamedTuple):
    """One item that can't be read.

    Attributes:
        refusal: The reason.
        source: The source that it names; empty if unknown.
        item: Its number in a record of several; None if it is the whole record.
        value: The item as JSON where it is one of several.
    """

    refusal: Refusal
    source: str = ""
    item: int | None = None
    value: bytes = b""


def read_record(  # noqa: PLR0913, PLR0917 - one for each bound
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
    profiles: Profiles | None = None,
    topic: str = "",
    max_bytes: int = MAX_BYTES,
    latest: float = math.inf,
) -> list[Reading | Refused]:
    """Return what a record holds, item by item; total for any bytes and headers.

    Each article survives `to_bytes` and `from_bytes` unchanged. The value has at most
    ``max_bytes``, an article's JSON at most `MAX_ADDED_BYTES` more.

    Args:
        value: The record's value: plain JSON, or CloudEvents 1.0 in binary or structured mode.
        headers: Its headers.
        profiles: The profiles that it may be read with; those that are shipped if None.
        topic: The topic that it stands on, which may have a profile of its own.
        max_bytes: The largest value that is read.
        latest: The Unix time after which a date lies in the future, which is noted.
    """
    by_name = cloudevents.received(headers[:MAX_HEADERS]) if headers else {}
    try:
        if headers:
            cloudevents.check_headers(headers)
        if value is None:
            raise Tombstone("value", "is missing", "send an article; tombstones mean nothing here")
        if len(value) > max_bytes:
            raise TooLarge("value", f"has {len(value)} bytes", f"send at most {max_bytes}")
        event = cloudevents.unwrap(value, by_name)
        reader = _Reader(by_name, profiles or shipped(), topic, max_bytes, latest)
        if plain := reader.read_plain(event, value):
            return [plain]
        data = reader.out_of_envelopes(event.data)
        items = _items(data)
    except Refusal as refusal:
        return [Refused(refusal, _source_in(by_name))]

    is_large = reader.is_large(value)
    if len(items) == 1:
        (item,) = items
        return [reader.read(item, event, None, is_large=is_large, is_whole=item is data)]
    return [reader.read(item, event, index, is_large=is_large) for index, item in enumerate(items)]


class Door(NamedTuple):
    """The settings with which `ingest` reads records, for those who read as it does.

    Attributes:
        profiles: All profiles; those that are shipped if None.
        topic: The full name of the topic that the records stand on.
        max_bytes: The largest value that is read.
        max_ahead: Time by which news may be dated after it was sent.
    """

    profiles: Profiles | None = None
    topic: str = RAW.topic
    max_bytes: int = MAX_BYTES
    max_ahead: timedelta = MAX_AHEAD

    def read(
        self,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
        sent: float = math.inf,
    ) -> list[Reading | Refused]:
        """Return what a record holds that is sent at a Unix time; see `read_record`."""
        latest = sent + self.max_ahead.total_seconds()
        return read_record(value, headers, self.profiles, self.topic, self.max_bytes, latest)


DEFAULT_DOOR: Final = Door()


class _Reader(msgspec.Struct, frozen=True, gc=False):
    """What all items of a record are read with."""

    headers: Mapping[str, bytes]
    profiles: Profiles
    topic: str
    max_bytes: int
    latest: float

    def is_large(self, value: bytes) -> bool:
        """Return whether it may be too large when written: 1e15 becomes 1000000000000000.0."""
        return len(value) * MAX_GROWTH_FACTOR > self.max_bytes

    def read_plain(self, event: Event, value: bytes) -> Reading | None:
        """Return the article of an event that nothing is unusual about, else None."""
        if event.mended or self.is_large(value) or self._profile_name():
            return None
        header = self.headers.get(identity.HEADER)
        return read_plain(event.data, self.profiles, header, self.latest)

    def read(
        self,
        item: JsonValue,
        event: Event,
        index: int | None,
        *,
        is_large: bool,
        is_whole: bool = False,
    ) -> Reading | Refused:
        """Return the article of one item, or its refusal."""
        fields: Fields | None = None
        sent = b"" if index is None else orjson.dumps(item)
        try:
            body, event = self._opened(item, event, is_whole=is_whole)
            fields = Fields(body, *self.profiles.lookup(body, self._profile_name()))
            if DELETED in fields.names:
                envelopes.check_not_deleted(body, fields.names[DELETED])
            if event.mended:
                fields.warn("value", event.mended)
            header = self.headers.get(identity.HEADER)
            reading = read_item(fields, Origin(event, header, index, self.latest))
            if is_large:
                self._check_size(reading)
        except Refusal as refusal:
            source = source_of(fields, event) if fields else _source_in(self.headers)
            return Refused(
                refusal if index is None else refusal.of_item(index), source, index, sent
            )
        return reading

    def out_of_envelopes(self, data: JsonValue) -> JsonValue:
        """Return the article in ``data``, or the list of articles.

        Raises:
            Invalid: the envelope tells of a deletion, or has nothing in it.
        """
        if isinstance(data, str) and data.lstrip()[:1] == "{":
            with suppress(Undecodable):
                data, _ = parse(data.encode("utf-8", "replace"))
        if not isinstance(data, dict) or (
            ("headline" in data or "title" in data) and not envelopes.is_feed(data)
        ):
            return data
        return envelopes.opened(data, self._claims)

    def _claims(self, body: Mapping[str, JsonValue]) -> bool:
        return self.profiles.claims(body, self._profile_name())

    def _opened(
        self, item: JsonValue, event: Event, *, is_whole: bool
    ) -> tuple[dict[str, JsonValue], Event]:
        """Return the object of one item, out of its envelopes, and the event that it came in."""
        if not is_whole and isinstance(item, dict) and cloudevents.is_envelope(item):
            event = cloudevents.opened(item)
            item = event.data
        if not is_whole:
            item = self.out_of_envelopes(item)
        if not isinstance(item, dict):
            kind = type(item).__name__
            raise Invalid(
                "value", f"is {kind}, not an object", "send one JSON object for an article"
            )
        return item, event

    def _profile_name(self) -> str:
        """Return the name of the profile that the header names or the topic has, or nothing."""
        if HEADER in self.headers:
            return self.headers[HEADER].decode("utf-8", "replace")
        return self.profiles.topics.get(self.topic, "")

    def _check_size(self, reading: Reading) -> None:
        size = len(reading.struct.to_bytes())
        if size > self.max_bytes + MAX_ADDED_BYTES:
            problem = f"takes {size} bytes when written"
            raise TooLarge("value", problem, f"send at most {self.max_bytes}")


def _items(data: JsonValue) -> list[JsonValue]:
    """Return the items of a record: one object, or the entries of a list.

    Raises:
        Refusal: there is none, or there are too many.
    """
    items: list[JsonValue] = data if isinstance(data, list) else [data]
    if not items:
        raise Invalid("value", "is a list without articles", "send at least one")
    if len(items) > MAX_ITEMS:
        raise TooLarge("value", f"holds {len(items)} articles", f"send at most {MAX_ITEMS}")
    return items


def _source_in(headers: Mapping[str, bytes]) -> str:
    with suppress(UnicodeDecodeError):
        return headers.get("ce_source", b"").decode()[:500]
    return ""
