"""What producers send, made an `Article` or refused: the one door into the pipeline."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from schemas import identity
from schemas.article import Article
from schemas.identity import Content, Pair
from schemas.incoming import cloudevents
from schemas.incoming.aliases import take
from schemas.incoming.cloudevents import Event
from schemas.incoming.prose import plain, tidy
from schemas.incoming.tickers import tickers
from schemas.instants import instant
from schemas.refusal import Invalid, Tombstone, TooLarge

MAX_BYTES: Final = 1_000_000
"""Below the 1 048 588 bytes a broker takes by default, with room for scores and headers."""
MAX_ADDED: Final = 8_192
"""Room for the fields that we or the headers add: a full record must not be refused for those."""
LONGEST_HEADLINE: Final = 4096
LONGEST_NAME: Final = 500
_GROWTH: Final = 8
_KINDS: Final = {bool: "a boolean", int: "a number", float: "a number", list: "a list"}


def decode(
    value: bytes | None, headers: Sequence[tuple[str, bytes]], max_bytes: int = MAX_BYTES
) -> Article:
    """Read one record of `news.raw`: plain JSON or CloudEvents 1.0, in binary or structured mode.

    Total: for any bytes and headers it returns an article that survives `to_bytes` and
    `from_bytes` unchanged, or raises. The value has at most `max_bytes`, the article's JSON at most
    `MAX_ADDED` more.

    Raises:
        Refusal: one of the tree in `schemas.refusal`.
    """
    if value is None:
        raise Tombstone("value", "is missing", "send an article; tombstones mean nothing here")
    if len(value) > max_bytes:
        raise TooLarge("value", f"has {len(value)} bytes", f"send at most {max_bytes}")
    given = cloudevents.received(headers)
    article = _article(cloudevents.unwrap(value, given), given.get(identity.HEADER))
    _check_growth(article, len(value), max_bytes)
    return article


def _article(event: Event, key: bytes | None) -> Article:
    body = event.data
    headline = _headline(body)
    published = instant(_published(body, event), "published")
    url = _line(body, "url")
    named = _name(body, "source")
    source = named or _fallback_source(event, url)
    content = Content(source, url, headline, published)
    return Article(
        key=identity.idempotency_key(key, event.identity, _own(body, named), content),
        source=source,
        headline=headline,
        published=published,
        url=url,
        summary=plain(_text(body, "summary") or "") or None,
        companies=tickers(take(body, "companies")),
        language=(_name(body, "language") or "").lower() or None,
        extra=body,
    )


def _headline(body: dict[str, JsonValue]) -> str:
    headline = plain(_text(body, "headline") or "")
    if not headline:
        raise Invalid("headline", "is missing or empty", "send headline or title with text in it")
    if len(headline) > LONGEST_HEADLINE:
        remedy = f"send at most {LONGEST_HEADLINE}, the rest as summary"
        raise TooLarge("headline", f"has {len(headline)} characters", remedy)
    return headline


def _published(body: dict[str, JsonValue], event: Event) -> JsonValue:
    published = take(body, "published")
    if published is None:
        published = event.time
    if published is None:
        raise Invalid("published", "is missing", "send published, pubDate or the event's time")
    return published


def _text(body: dict[str, JsonValue], field: str) -> str | None:
    value = take(body, field)
    if value is None or isinstance(value, str):
        return value
    kind = _KINDS.get(type(value), "an object")
    raise Invalid(field, f"is {kind}, not text", f"send {field} as a JSON string")


def _line(body: dict[str, JsonValue], field: str) -> str | None:
    return tidy(_text(body, field) or "") or None


def _name(body: dict[str, JsonValue], field: str) -> str | None:
    name = _line(body, field)
    if name and len(name) > LONGEST_NAME:
        raise TooLarge(field, f"has {len(name)} characters", f"send at most {LONGEST_NAME}")
    return name


def _fallback_source(event: Event, url: str | None) -> str:
    return tidy(event.source or "")[:LONGEST_NAME].strip() or _host(url or "") or "unknown"


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _own(body: dict[str, JsonValue], source: str | None) -> Pair | None:
    """Return the body's own identity. Ids of a feed that does not name itself may collide."""
    value = body.get("id")
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Invalid("id", "is neither text nor an integer of 64 bits", "send id as a JSON string")
    return Pair(source, str(value)) if source else None


def _check_growth(article: Article, received: int, max_bytes: int) -> None:
    # 1e15 is written back as 1000000000000000.0: a record within the limit may leave it again.
    # JSON of eight times the size does not exist, so small records need no second look.
    if received * _GROWTH <= max_bytes:
        return
    size = len(article.to_bytes())
    if size > max_bytes + MAX_ADDED:
        raise TooLarge("value", f"takes {size} bytes when written", f"send at most {max_bytes}")
