"""Documents of feeds as items: RSS, Atom and JSON Feed, read as `newsquake check` reads files."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from io import BufferedReader, BytesIO
from typing import Any, Final, NamedTuple, cast

import orjson

from infra.feeds.fetching import FetchFailed
from infra.feeds.outlet import digest
from infra.input.encoding import UTF_8_BOM, as_utf8
from infra.input.forms.feed_rows import feed_rows
from infra.input.forms.rows import Broken, Row
from infra.usage_error import UsageError

_TTL: Final = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_HEAD_BYTES: Final = 1 << 16
_ANY_FEED: Final = re.compile(
    rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)[\s>]", re.IGNORECASE
)
_MINUTE_SECONDS: Final = 60
_JSON_NAMES: Final = {
    "date_published": "published",
    "date_modified": "updated",
    "url": "link",
    "content_text": "body",
    "content_html": "body",
}
"""Names of JSON Feed 1.1 to those that the pipeline reads."""


class FeedItem(NamedTuple):
    """An item of a feed.

    Attributes:
        name: Its name among the items of the feed, the same at every fetch.
        fingerprint: A digest of what a correction changes.
        value: The item as JSON.
        line: The line of the document that it begins on.
    """

    name: str
    fingerprint: str
    value: bytes
    line: int = 0


class FeedDocument(NamedTuple):
    """A document that was read.

    Attributes:
        items: Its items, oldest first as far as the feed has them newest first.
        broken: A sentence for each item that can't be read.
        ttl: Seconds for which the feed says that it does not change; 0 if it does not say.
        sources: The names of who published the items, as far as the feed has them.
    """

    items: list[FeedItem]
    broken: list[str]
    ttl: float = 0.0
    sources: tuple[str, ...] = ()


def read_document(body: bytes, charset: str = "", source: str = "") -> FeedDocument:
    """Return the items of a feed, all of them of ``source`` if that is not empty.

    Raises:
        FetchFailed: It is no feed.
    """
    text = body.removeprefix(UTF_8_BOM).lstrip()
    if text.startswith(b"{"):
        rows: Iterable[Row | Broken] = json_feed(text)
    else:
        rows = feed_rows(stream_of(body, charset))
    items, broken = [], []
    for row in rows:
        if isinstance(row, Broken):
            broken.append(f"line {row.line}: {row.problem}")
        else:
            items.append(row._replace(fields={**row.fields, "source": source}) if source else row)
    if not items and (broken or not (text.startswith(b"{") or _ANY_FEED.search(text))):
        problem = broken[0] if broken else "is neither RSS nor Atom nor JSON Feed"
        raise FetchFailed("no feed", f"{problem}; it begins with {text[:40]!r}")
    ttl = _TTL.search(body[:_HEAD_BYTES])
    seconds = float(ttl[1]) * _MINUTE_SECONDS if ttl else 0.0
    sources = dict.fromkeys(str(row.fields["source"]) for row in items if row.fields.get("source"))
    return FeedDocument(list(named(items))[::-1], broken, seconds, tuple(sources))


def named(rows: list[Row]) -> Iterator[FeedItem]:
    """Yield the items with their names: the id, unless several articles share it, or the link."""
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        titles[_identifier(row.fields)].add(str(row.fields.get("title")))
    for row in rows:
        fields = row.fields
        identifier, title = _identifier(fields), str(fields.get("title"))
        is_unique = bool(identifier) and len(titles[identifier]) == 1
        name = identifier if is_unique else orjson.dumps([identifier, title]).decode()
        said = orjson.dumps([title, fields.get("companies")], default=str).decode()
        try:
            value = orjson.dumps(fields)
        except TypeError:
            value = orjson.dumps(cleaned(fields))
        yield FeedItem(digest(name), digest(said), value, row.line)


def _identifier(fields: dict[str, Any]) -> str:
    return str(fields.get("id") or fields.get("link") or "")


def cleaned(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the texts among ``fields``, without what is no text in Unicode."""
    return {
        name: value.encode("utf-8", "replace").decode()
        for name, value in fields.items()
        if isinstance(value, str)
    }


def stream_of(body: bytes, charset: str) -> BufferedReader:
    """Return the text of a feed in UTF-8."""
    stream = BufferedReader(cast("Any", BytesIO(body)))
    if charset and b"encoding=" not in body[:200]:
        try:
            return as_utf8(stream, charset)
        except UsageError:  # an encoding that nobody knows
            pass
    return as_utf8(stream)


def json_feed(text: bytes) -> Iterator[Row | Broken]:
    """Yield the items of a JSON Feed (https://www.jsonfeed.org/version/1.1/)."""
    try:
        feed = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FetchFailed("no feed", f"is not JSON: {error}") from None
    items = feed.get("items")
    if not isinstance(items, list):
        raise FetchFailed("no feed", "is JSON without items, and so no JSON Feed")
    common = {"source": feed.get("title"), "language": feed.get("language")}
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            yield Broken(1, f"item {number} is {type(item).__name__}, not an object")
            continue
        fields: dict[str, Any] = {name: value for name, value in common.items() if value}
        for name, value in item.items():
            fields.setdefault(_JSON_NAMES.get(str(name)) or str(name), value)
        if "link" not in fields and item.get("external_url"):
            fields["link"] = item["external_url"]
        yield Row(1, fields)
