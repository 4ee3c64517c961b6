"""The names under which feeds send the same field."""

from typing import Final

from pydantic import JsonValue

ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "headline": ("headline", "title"),
    "url": ("url", "link"),
    "published": ("published", "published_at", "publishedAt", "pubDate"),
    "summary": ("summary", "description", "body"),
    "companies": ("companies", "tickers", "symbols"),
    "language": ("language", "lang"),
    "source": ("source",),
}
"""Field of `Article` to the accepted names, the preferred one first."""


def take(body: dict[str, JsonValue], field: str) -> JsonValue:
    """Remove and return the first alias of `field` that holds something, or None.

    Null, blank text and the empty list hold nothing. Further aliases stay in `body`: an item with
    both a description and a body keeps the second as an extra field.
    """
    for name in ALIASES[field]:
        value = body.pop(name, None)
        is_blank = not value.strip() if isinstance(value, str) else value is None or value == []
        if not is_blank:
            return value
    return None
