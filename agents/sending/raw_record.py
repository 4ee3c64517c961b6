"""Articles as records of `news.raw`: CloudEvents in binary mode with an identity that is stable.

A producer that sends the same article again, after a failure or a restart, sends the same key: the
pipeline counts it once.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson

from schemas.article import Article
from schemas.identity import HEADER, header_key
from schemas.incoming.limits import MAX_AHEAD
from schemas.incoming.profiles.profile import HEADER as PROFILE_HEADER
from schemas.incoming.profiles.profile import Profiles
from schemas.incoming.reading import Door, Reading
from schemas.refusal import Invalid

EVENT_TYPE: Final = "newsquake.incoming.v1"
"""The `ce_type` of what is sent."""
Headers = tuple[tuple[str, bytes], ...]


class Sender(NamedTuple):
    """The sender of articles.

    Attributes:
        source: The `ce_source` of its records, such as the address of a feed.
        profile: The profile that its articles are read with; empty for the one they look like.
        profiles: All profiles; those that are shipped if None.
        topic: The full name of `news.raw`.
        max_ahead: Time by which articles may be dated after they are sent.
    """

    source: str = "newsquake"
    profile: str = ""
    profiles: Profiles | None = None
    topic: str = "news.raw"
    max_ahead: timedelta = MAX_AHEAD


class RawRecord(NamedTuple):
    """A record to be sent, and how the pipeline will read it.

    Attributes:
        value: The article as JSON.
        headers: The headers, with the identity and the time of sending.
        reading: The article, as `ingest` will read it.
    """

    value: bytes
    headers: Headers
    reading: Reading

    @property
    def key(self) -> str:
        """The identity of the article, which is also the key of the record."""
        return self.reading.article.key


def raw_record(
    article: Mapping[str, Any] | Article | bytes, sender: Sender, now: datetime, key: str = ""
) -> RawRecord:
    """Return the record of an article; ``key`` is the identity that its producer chose, if any.

    ``now`` is the article's date if it has none.

    Raises:
        Refusal: The pipeline would set it aside; the text names field, problem and remedy.
    """
    if isinstance(article, Article):
        value, key = article.to_bytes(), key or article.key
    else:
        value = article if isinstance(article, bytes) else dumped(article)
    headers = headers_of(sender, now)
    if key:
        header_key(key.encode("utf-8", "replace"))
        headers += ((HEADER, key.encode()),)
    reading = read_alone(value, headers, sender, now)
    identity = reading.article.key
    if not key:
        headers += ((HEADER, identity.encode()),)
    return RawRecord(value, (("ce_id", identity.encode()), *headers), reading)


def headers_of(sender: Sender, now: datetime) -> Headers:
    """Return the headers of what ``sender`` sends, without the identity."""
    headers: Headers = (
        ("ce_specversion", b"1.0"),
        ("ce_type", EVENT_TYPE.encode()),
        ("ce_source", sender.source.encode("utf-8", "replace")),
        ("ce_time", now.astimezone(UTC).isoformat().encode()),
        ("content-type", b"application/json"),
    )
    return (*headers, (PROFILE_HEADER, sender.profile.encode())) if sender.profile else headers


def read_alone(
    value: bytes, headers: Sequence[tuple[str, bytes]], sender: Sender, now: datetime
) -> Reading:
    """Return how the pipeline reads a record of one article; raise its refusal."""
    door = Door(sender.profiles, sender.topic, max_ahead=sender.max_ahead)
    items = door.read(value, headers, now.timestamp())
    if len(items) != 1:
        raise Invalid("value", f"holds {len(items)} articles", "send each by itself")
    (item,) = items
    if not isinstance(item, Reading):
        raise item.refusal
    return item


def dumped(article: Mapping[str, Any]) -> bytes:
    """Return the fields of an article as JSON; raise a refusal if they are none."""
    try:
        return orjson.dumps(dict(article), option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError as error:
        problem = f"is not JSON ({error})"
        raise Invalid("value", problem, "send texts, numbers, dates, lists and objects") from None
