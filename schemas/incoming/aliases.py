"""The names under which feeds send the same field.

Case, underscores, hyphens and spaces make no difference: `published_at` is `publishedAt`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "headline": ("headline", "title", "webTitle", "headlines", "news_title", "article_title",
                 "headline_main", "subject_line"),
    "url": ("url", "link", "article_url", "news_url", "webUrl", "web_url", "canonicalUrl",
            "clickThroughUrl", "permalink", "href", "story_url", "links", "external_url", "uri"),
    "published": (
        "published", "published_at", "publishedAt", "pubDate", "isoDate", "pub_date",
        "published_utc", "publish_date", "published_date", "published_on", "published_time",
        "date_published", "dateTimePub", "time_published", "publication_datetime",
        "publication_date", "publication_time", "webPublicationDate", "providerPublishTime",
        "published_datetime_utc", "published_datetime", "published_timestamp", "firstCreated",
        "firstPublished", "issued", "release_date", "created_at", "created", "date_created",
        "creation_date", "posted_at", "versionCreated", "datetime", "date_time", "date", "dc:date",
        "seendate", "display_time", "timestamp", "@timestamp", "time", "ts", "published_parsed",
        "updated", "updated_at", "last_updated", "modified", "date_modified", "last_modified",
    ),
    "summary": ("summary", "description", "body", "teaser", "text", "snippet", "contentSnippet",
                "abstract", "lead_paragraph", "trailText", "excerpt", "content", "content_text",
                "content_html"),
    "companies": (
        "tickers", "symbols", "ticker", "symbol", "stocks", "stock", "related", "relatedTickers",
        "stockTickers", "stocks_in_news", "ticker_sentiment", "entities", "stock_symbols", "rics",
        "ric", "isins", "isin", "figi", "cashtags", "instruments", "securities", "subjects",
        "companies", "company", "company_name", "company_names", "organizations", "company_codes",
    ),
    "language": ("language", "lang", "language_code"),
    "source": ("source", "source_name", "publisher", "publisher_name", "provider", "site",
               "site_name", "outlet", "publication", "source_id"),
    "id": ("guid", "id", "article_id", "news_id", "story_id", "item_id", "altId", "an", "_id",
           "uuid", "uri"),
}  # fmt: skip
"""Field of `Article` to the accepted names, the preferred one first."""

COMPANY_NAMES: Final = frozenset(
    {"companies", "company", "companyname", "companynames", "organizations", "companycodes"}
)
"""Folded names of fields that hold names of companies as often as tickers."""
_SEPARATORS: Final = str.maketrans("", "", "_- ")
_MAX_NAME_CHARACTERS: Final = 40
_CACHED_NAMES: Final = 4_096


class Slot(NamedTuple):
    """A field of `Article`, and how far down a name stands in its list."""

    field: str
    rank: int


def fold(name: str) -> str:
    """Return a field's name without case and separators.

    >>> fold("Published_At")
    'publishedat'
    """
    return name.translate(_SEPARATORS).lower() or name


_FOLDED: Final[dict[str, tuple[Slot, ...]]] = {}
for _field, _names in ALIASES.items():
    for _index, _name in enumerate(_names):
        _slots = _FOLDED.get(fold(_name), ())
        if all(_slot.field != _field for _slot in _slots):
            _FOLDED[fold(_name)] = (*_slots, Slot(_field, _index))


@lru_cache(_CACHED_NAMES)
def _slots_of(name: str) -> tuple[Slot, ...]:
    return _FOLDED.get(fold(name), ())


Names = Mapping[str, Sequence[str]]
"""Field of `Article` to the names under which a body holds it, the preferred one first."""


def names_in(body: Iterable[str]) -> dict[str, list[str]]:
    """Return the names in ``body`` that are aliases, by field, the preferred one first."""
    names: dict[str, list[str]] = {}
    ranks: dict[str, int] = {}
    for name in body:
        if len(name) > _MAX_NAME_CHARACTERS:
            continue
        for field, rank in _slots_of(name):
            if field not in names:
                names[field], ranks[field] = [name], rank
            else:
                names[field].append(name)
                ranks[field] = -1
    for field, rank in ranks.items():
        if rank < 0:
            names[field].sort(key=lambda name: _rank(name, field))
    return names


def _rank(name: str, field: str) -> tuple[int, bool]:
    rank = next(slot.rank for slot in _slots_of(name) if slot.field == field)
    return rank, name != ALIASES[field][rank]
