"""Turn what producers send into an `Article`, or refuse it: the one door into the pipeline."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from schemas import identity
from schemas.article import Article
from schemas.identity import Content
from schemas.incoming import cloudevents
from schemas.incoming.aliases import take
from schemas.incoming.cloudevents import Event
from schemas.incoming.prose import plain, tidy
from schemas.incoming.tickers import tickers
from schemas.instants import instant
from schemas.refusal import Invalid, Refusal, Tombstone, TooLarge

MAX_BYTES: Final = 1_000_000
"""Below the 1 048 588 bytes a broker takes by default, with room for scores and headers."""
MAX_ADDED_BYTES: Final = 8_192
"""Room for the fields that we or the headers add, so that a full record is not refused for them."""
MAX_HEADLINE_CHARACTERS: Final = 4096
MAX_NAME_CHARACTERS: Final = 500
_MAX_GROWTH_FACTOR: Final = 8
"""An article's JSON is never longer than this many times the record it came from."""
_KINDS: Final = {bool: "a boolean", int: "a number", float: "a number", list: "a list"}


def decode(
    value: bytes | None, headers: Sequence[tuple[str, bytes]], max_bytes: int = MAX_BYTES
) -> Article:
    """Read one record of `news.raw`: plain JSON or CloudEvents 1.0, in binary or structured mode.

    The function is total: for any bytes and headers it returns an article that survives `to_bytes`
    and `from_bytes` unchanged, or raises. The value has at most `max_bytes`, the article's JSON at
    most `MAX_ADDED_BYTES` more.

    Raises:
        Refusal: one of the tree in `schemas.refusal`.
    """
    if value is None:
        raise Tombstone("value", "is missing", "send an article; tombstones mean nothing here")
    if len(value) > max_bytes:
        raise TooLarge("value", f"has {len(value)} bytes", f"send at most {max_bytes}")
    by_name = cloudevents.received(headers)
    article = _article(cloudevents.unwrap(value, by_name), by_name.get(identity.HEADER))

    # 1e15 is written back as 1000000000000000.0: a record within the limit may leave it again.
    if len(value) * _MAX_GROWTH_FACTOR > max_bytes:
        size = len(article.to_bytes())
        if size > max_bytes + MAX_ADDED_BYTES:
            raise TooLarge("value", f"takes {size} bytes when written", f"send at most {max_bytes}")
    return article


def claimed_source(
    value: bytes | None, headers: Sequence[tuple[str, bytes]], max_bytes: int = MAX_BYTES
) -> str:
    """Return the source that a refused record names; empty if it can't be decoded so far."""
    if value is None or len(value) > max_bytes:
        return ""
    try:
        event = cloudevents.unwrap(value, cloudevents.received(headers))
        return _name(event.data, "source") or _fallback_source(event, None)
    except Refusal:
        return ""


def _article(event: Event, key: bytes | None) -> Article:
    body = event.data
    headline = plain(_text(body, "headline"))
    if not headline:
        raise Invalid("headline", "is missing or empty", "send headline or title with text in it")
    if len(headline) > MAX_HEADLINE_CHARACTERS:
        remedy = f"send at most {MAX_HEADLINE_CHARACTERS}, the rest as summary"
        raise TooLarge("headline", f"has {len(headline)} characters", remedy)

    published = take(body, "published")
    if published is None:
        published = event.time
    if published is None:
        raise Invalid("published", "is missing", "send published, pubDate or the event's time")
    moment = instant(published, "published")

    url = tidy(_text(body, "url")) or None
    own_source = _name(body, "source")
    source = own_source or _fallback_source(event, url)
    content = Content(source, url, headline, moment)

    return Article(
        key=identity.idempotency_key(
            key, event.identity, identity.body_identity(body, own_source), content
        ),
        source=source,
        headline=headline,
        published=moment,
        url=url,
        summary=plain(_text(body, "summary")) or None,
        companies=tickers(take(body, "companies")),
        language=_name(body, "language").lower() or None,
        extra=body,
    )


def _text(body: dict[str, JsonValue], field: str) -> str:
    """Take a field that must be text; return the empty string where it is missing."""
    value = take(body, field)
    if value is None or isinstance(value, str):
        return value or ""
    kind = _KINDS.get(type(value), "an object")
    raise Invalid(field, f"is {kind}, not text", f"send {field} as a JSON string")


def _name(body: dict[str, JsonValue], field: str) -> str:
    name = tidy(_text(body, field))
    if len(name) > MAX_NAME_CHARACTERS:
        raise TooLarge(field, f"has {len(name)} characters", f"send at most {MAX_NAME_CHARACTERS}")
    return name


def _fallback_source(event: Event, url: str | None) -> str:
    """Return the event's source, else the host of the article's URL, else "unknown"."""
    if source := tidy(event.source or "")[:MAX_NAME_CHARACTERS].strip():
        return source
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        host = None
    return host or "unknown"
