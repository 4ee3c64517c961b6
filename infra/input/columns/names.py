"""Names of columns, compared without case and punctuation, and the fields that they stand for."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from schemas.incoming.aliases import ALIASES, is_known

GUESSES: Final[Mapping[str, Sequence[str]]] = {
    "headline": (
        "news headline", "news title", "article title", "story title", "article headline",
        "heading", "header", "subject", "news", "article", "story", "sentence", "text", "message",
        "content",
    ),
    "published": (
        "publication date", "publish date", "date published", "published date", "date time",
        "timestamp", "publication time", "publish time", "time published", "release date",
        "release time", "news date", "article date", "story date", "posted", "posted at",
        "date", "day",
        "created at", "created", "time", "time stamp", "ts", "date utc", "utc", "timestamp utc",
        "datetime utc",
    ),
    "companies": (
        "ticker", "symbol", "stock", "stocks", "ticker symbol", "stock symbol", "company", "ric",
        "rics", "security", "securities", "instrument", "instruments", "isin", "related",
    ),
    "source": (
        "publisher", "provider", "vendor", "news source", "source name", "publication", "site",
        "website", "outlet", "feed", "agency", "newspaper", "domain",
    ),
    "url": (
        "article url", "news url", "story url", "article link", "web url", "permalink", "href",
        "uri", "web link", "address",
    ),
    "summary": (
        "abstract", "teaser", "snippet", "lead", "article summary", "article text", "article body",
        "full text", "news text", "text", "content", "story", "article",
    ),
    "language": ("language code", "locale"),
    "id": ("guid", "uuid", "article id", "news id", "story id", "item id", "uid", "identifier"),
}  # fmt: skip
"""Fields to names that a person would understand, the likeliest first."""

_RANK_BY_PARTS: Final = 1_000
"""The rank of names that are only known by their parts, such as ``article_publish_ts``."""
_PUNCTUATION: Final = re.compile(r"[\W_]+")


def folded(name: str) -> str:
    """Return a name without case and punctuation.

    >>> folded("Published_At")
    'publishedat'
    """
    return _PUNCTUATION.sub("", name).lower()


_FOLDED_ALIASES: Final = {
    field: {folded(alias): alias for alias in reversed(aliases)}
    for field, aliases in ALIASES.items()
}
_FOLDED_GUESSES: Final = {
    field: {folded(name): rank for rank, name in enumerate(names)}
    for field, names in GUESSES.items()
}


def aliases(field: str) -> tuple[str, ...]:
    """Return the names under which the pipeline reads ``field``, the preferred one first."""
    return ALIASES.get(field, (field,))


PLAIN: Final = frozenset(
    {
        "headline", "title", "url", "link", "published", "publishedat", "pubdate", "summary",
        "description", "body", "companies", "tickers", "symbols", "language", "lang", "source",
        "id", "guid",
    }
)  # fmt: skip
"""Folded names of columns that can mean one field only; the others are guesses."""
ESSENTIAL: Final = ("headline", "published")
"""Fields without which there is no article."""


def known_alias(field: str, column: str) -> str | None:
    """Return the name under which the pipeline reads ``column`` as ``field``, or None."""
    return _FOLDED_ALIASES[field].get(folded(column))


def guess_rank(field: str, column: str) -> int | None:
    """Return the rank of ``column`` among the likely names of ``field``, or None."""
    rank = _FOLDED_GUESSES.get(field, {}).get(folded(column))
    return _RANK_BY_PARTS if rank is None and is_known(field, folded(column)) else rank


def count_known(columns: Sequence[str]) -> int:
    """Return the number of ``columns`` that stand for some field."""
    return sum(
        any(known_alias(field, name) or guess_rank(field, name) is not None for field in GUESSES)
        for name in columns
    )
