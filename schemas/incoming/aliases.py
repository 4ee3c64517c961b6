"""The names under which feeds send the same field.

Case, underscores, hyphens and spaces make no difference: `published_at` is `publishedAt`. A name
that no table has is still known by its parts: `article_publish_ts` is a time of publication.
"""

import re
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

DELETED: Final = "deleted"
"""The key in `Names` of flags that say that a row of a database is no more."""
ZONE: Final = "zone"
"""The key in `Names` of fields that name the zone of an item's times."""
UTC_NAMES: Final = frozenset({"utc", "UTC", "Utc", "gmt", "GMT", "Gmt"})
"""What the name of a field ends with that holds a time in UTC."""
_ZONES: Final = ("timezone", "tz", "time_zone", "timezone_name", "published_timezone",
                 "date_timezone", "utc_offset", "gmt_offset", "tzname", "tz_name",
                 "published_tz", "pub_tz", "date_tz")  # fmt: skip
_DELETED: Final = ("__deleted", "_deleted", "is_deleted", "__op")

_COMPANY_NAMES: Final = re.compile(
    r"compan(?:y|ies)|organi[sz]ations?|companycodes"
    r"|(?:compan(?:y|ies)|issuers?|entity|organi[sz]ation|org|firm|corporate)names?"
)
"""Folded names of fields that hold names of companies as often as tickers."""
_OF_ARTICLE: Final = (
    r"(?:[a-z]{1,10}[:.])?"
    r"(?:news|article|story|item|docs?|document|post|entry|orig|original)"
)
_WHEN: Final = (
    r"(?:on|at|date|time|datetime|timestamp|stamp|ts|dt|utc|gmt|iso|iso8601|ms|millis|msec|sec"
    r"|unix|epoch|parsed)"
)
_HEADLINES: Final = (
    rf"{_OF_ARTICLE}?(?:main|full|clean|raw|page)?(?:headline|title|hedline|heading)"
    r"(?:text|en|eng|english|main|full|clean|original|raw|plain)?"
)
_LINKS: Final = (
    rf"(?:{_OF_ARTICLE}|page|full|external|canonical|short|web|direct|html|public|final)"
    r"(?:url|link|uri|href|permalink)|urllink|linkurl|canonical|alternate"
)
_PUBLISHED: Final = (
    rf"{_OF_ARTICLE}?(?:first|initial|earliest)?(?:publish(?:ed)?|publishing|publication|pub"
    r"|posted|post|released?|issued?|announced?|announcement|display|filed|filing|acceptance"
    rf"|arrival|live|story|news|article|headline){_WHEN}+"
    r"|(?:date|time|datetime|timestamp)(?:of)?(?:publication|published|pub|posted|release|released"
    r"|issued|filed|arrival|announced)|posted|released|announced"
    r"|[a-z]{1,10}[:.](?:date|issued|created|available)"
)
_CREATED: Final = rf"(?:create|created|creation|first(?:created|seen)){_WHEN}+"
_TIMES: Final = rf"(?:date|time|datetime|timestamp|ts|epoch|unix|utc|gmt){_WHEN}+|epoch|dt"
_UPDATED: Final = (
    rf"{_OF_ARTICLE}?(?:last|record|row|version|date|time)*(?:updated?|modified|modification"
    rf"|edited|revised|revision|changed|change|refreshed){_WHEN}+|revised"
)
_SUMMARIES: Final = (
    rf"(?:{_OF_ARTICLE}|short|long|full|meta|plain)"
    r"(?:summary|description|desc|abstract|body|text|content|teaser|snippet)"
)
_TICKERS: Final = (
    r"(?:related|mentioned|mention|primary|main|affected|company|companies|stocks?|equity|issuer"
    r"|security|bbg|bloomberg|reuters|refinitiv|us|all|key|article|news|story|associated|tagged"
    r"|linked|matched|secondary|other|extracted|detected|entity|instrument|trading|top)*"
    r"(?:ticker|symbol|ric|isin|figi|cashtag|tidm|epic|instrument|equitie)s?"
    r"(?:list|array|codes?|symbols?|str|text|mentioned|all)?|stocks?(?:list|codes?)|issuercodes?"
)
_SOURCES: Final = (
    rf"{_OF_ARTICLE}?(?:source|publisher|provider|vendor|outlet|agency|newspaper|wire|site|feed"
    r"|publication|origin)(?:name|title|label|displayname|code|domain|hostname)?"
)
_IDS: Final = (
    rf"(?:{_OF_ARTICLE}|content|external|rpstory|rns|headline|accession)(?:id|guid|uuid|number|no)"
)
_BY_PARTS: Final = (
    ("headline", "", _HEADLINES),
    ("url", "", _LINKS),
    ("published", "published_timestamp", _PUBLISHED),
    ("published", "versionCreated", r"(?:date|time|datetime|timestamp)(?:utc|gmt)"),
    ("published", "creation_date", _CREATED),
    ("published", "ts", _TIMES),
    ("published", "last_modified", _UPDATED),
    ("summary", "", _SUMMARIES),
    ("companies", "", _TICKERS),
    ("companies", "", _COMPANY_NAMES.pattern),
    ("source", "", _SOURCES),
    ("source", "", r"domain|host|hostname"),
    ("id", "", _IDS),
)
"""A field, the alias after which a name ranks (the last if empty), and its names by their parts."""
_SEPARATORS: Final = str.maketrans("", "", "_- ")
_MAX_NAME_CHARACTERS: Final = 40
_CACHED_NAMES: Final = 4_096


class Slot(NamedTuple):
    """A field of `Article`, and how far down a name stands in its list."""

    field: str
    rank: float


def fold(name: str) -> str:
    """Return a field's name without case and separators.

    >>> fold("Published_At")
    'publishedat'
    """
    return name.translate(_SEPARATORS).lower() or name


def holds_names(name: str) -> bool:
    """Return whether a field, by its folded name, holds names of companies as often as tickers."""
    return _COMPANY_NAMES.fullmatch(name) is not None


_FOLDED: Final[dict[str, tuple[Slot, ...]]] = {}
for _field, _names in ALIASES.items():
    for _index, _name in enumerate(_names):
        _slots = _FOLDED.get(fold(_name), ())
        if all(_slot.field != _field for _slot in _slots):
            _FOLDED[fold(_name)] = (*_slots, Slot(_field, _index))
for _field, _names in ((DELETED, _DELETED), (ZONE, _ZONES)):
    for _index, _name in enumerate(_names):
        _FOLDED[fold(_name)] = (Slot(_field, _index),)
_SLOTS_BY_PARTS: Final = [
    (
        Slot(
            _field,
            ALIASES[_field].index(_after) + 0.5 if _after else len(ALIASES[_field]) + _index,
        ),
        re.compile(_pattern),
    )
    for _index, (_field, _after, _pattern) in enumerate(_BY_PARTS)
]


@lru_cache(_CACHED_NAMES)
def _slots_of(name: str) -> tuple[Slot, ...]:
    folded = fold(name)
    slots = _FOLDED.get(folded)
    if slots is not None:
        return slots
    # Two underscores begin what a connector adds: `__ts_ms` is the time of a change.
    if name.startswith("__"):
        return ()
    by_parts = (slot for slot, pattern in _SLOTS_BY_PARTS if pattern.fullmatch(folded))
    first = next(by_parts, None)
    return () if first is None else (first,)


def is_known(field: str, name: str) -> bool:
    """Return whether ``name`` is one of the names of ``field``, by a table or by its parts."""
    return any(slot.field == field for slot in _slots_of(name))


Names = Mapping[str, Sequence[str]]
"""Field of `Article` to the names under which a body holds it, the preferred one first."""


def names_in(body: Iterable[str]) -> dict[str, list[str]]:
    """Return the names in ``body`` that are aliases, by field, the preferred one first."""
    names: dict[str, list[str]] = {}
    ranks: dict[str, float] = {}
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


def _rank(name: str, field: str) -> tuple[float, bool]:
    rank = next(slot.rank for slot in _slots_of(name) if slot.field == field)
    return rank, name not in ALIASES.get(field, ())
