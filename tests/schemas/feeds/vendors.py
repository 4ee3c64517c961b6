"""An item of each vendor, written anew in the shape that it documents, and its right value.

The items are those of `docs/feeds.jsonl`, which a reader can give to ``newsquake check``.
"""

import re
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from tests.schemas.feeds.right import Right, content, own, page

EXAMPLES: Final = Path(__file__).parents[3] / "docs/feeds.jsonl"
ACME: Final[tuple[str, ...]] = ("ACME",)
_PAGE: Final = re.compile(rb"https://(news\.example/[\w-]+)")


class Shape(NamedTuple):
    """What is to be read of an item.

    Attributes:
        source: Who published it.
        companies: The tickers.
        id: Its own id; without one its page identifies it, and without a page its content.
    """

    source: str
    companies: tuple[str, ...] = ()
    id: str = ""


SHAPES: Final[dict[str, Shape]] = {
    "alpaca": Shape("benzinga", ACME, "7"),
    "polygon": Shape("Wire", ACME, "x7"),
    "massive-benzinga": Shape("news.example", ACME, "7"),
    "finnhub": Shape("Wire", ACME, "7"),
    "benzinga": Shape("Benzinga", ACME, "7"),
    "tiingo": Shape("w.example", ("BRK.B",), "7"),
    "marketaux": Shape("w.example", ACME, "u7"),
    "newsapi": Shape("Wire"),
    "alpha-vantage": Shape("Wire", ACME),
    "gdelt": Shape("news.example"),
    "gdelt of 14 digits": Shape("news.example"),
    "lseg": Shape("LSEG", ACME, "n7"),
    "factiva": Shape("Wire", id="F7"),
    "ninjs": Shape("Wire", id="urn:x:7"),
    "event-registry": Shape("Wire", id="77"),
    "eodhd": Shape("news.example", ACME),
    "yfinance": Shape("Wire", ACME, "u7"),
    "yfinance-content": Shape("Wire", ACME, "u8"),
    "newsdata": Shape("Wire", id="a7"),
    "gnews": Shape("Wire"),
    "gnews-package": Shape("Wire"),
    "mediastack": Shape("Wire"),
    "fmp": Shape("w.example", ACME),
    "stocknewsapi": Shape("Wire", ACME),
    "rss-parser": Shape("news.example", id="g"),
    "feedparser": Shape("Wire"),
    "feedparser of Google News": Shape("Wire"),
    "feedparser of Atom": Shape("news.example", id="urn:x:8"),
    "json-feed": Shape("news.example", id="8"),
    "schema-org": Shape("Wire"),
    "guardian": Shape("The Guardian", id="business/7"),
    "nyt": Shape("The New York Times", id="nyt://7"),
    "newscatcher": Shape("w.example", id="n7"),
    "tickertick": Shape("w.example", ACME, "t7"),
    "openwebninja": Shape("Wire", ACME),
    " without a profile": Shape("unknown"),
    "logstash": Shape("Wire"),
    "stocktwits": Shape("StockTwits", ACME, "7"),
    "x": Shape("X", ACME, "7"),
    "lseg-headlines": Shape("NS:RTRS", id="urn:n:7"),
    "newsml-g2": Shape("Wire", ACME, "urn:n:7"),
    "bing": Shape("Wire"),
    "ravenpack": Shape("Wire", ("ACME INC.",), "A7"),
    "fmp-general": Shape("Wire"),
}
"""The shapes of the examples in their order, by profile, and of `OTHERS`."""
_ISO: Final = "2026-03-03T08:15:00Z"
OTHERS: Final[dict[str, dict[str, Any]]] = {
    "logstash": {
        "title": "Acme cuts outlook",
        "@timestamp": _ISO,
        "@version": "1",
        "link": "https://news.example/logstash",
        "Feed": "Wire",
    },
    "stocktwits": {
        "id": 7,
        "body": "Acme cuts outlook",
        "created_at": _ISO,
        "user": {"name": "n"},
        "source": {"title": "Web"},
        "symbols": [{"id": 1, "symbol": "ACME"}],
    },
    "x": {
        "id_str": "7",
        "text": "Acme cuts outlook",
        "created_at": "Tue Mar 03 08:15:00 +0000 2026",
        "source": "<a href='x'>Web</a>",
        "entities": {"symbols": [{"text": "ACME"}], "urls": []},
    },
    "lseg-headlines": {
        "versionCreated": _ISO,
        "text": "Acme cuts outlook",
        "storyId": "urn:n:7",
        "sourceCode": "NS:RTRS",
    },
    "newsml-g2": {
        "@guid": "urn:n:7",
        "itemMeta": {"versionCreated": _ISO, "provider": {"@literal": "Wire"}},
        "contentMeta": {
            "headline": "Acme cuts outlook",
            "subject": [{"@qcode": "R:ACME.N"}, {"@qcode": "M:1"}],
        },
    },
    "bing": {
        "name": "Acme cuts outlook",
        "url": "https://news.example/bing",
        "provider": [{"name": "Wire"}],
        "datePublished": "2026-03-03T08:15:00.0000000Z",
    },
    "ravenpack": {
        "RP_STORY_ID": "A7",
        "TIMESTAMP_UTC": "2026-03-03 08:15:00.000",
        "HEADLINE": "Acme cuts outlook",
        "ENTITY_NAME": "Acme Inc.",
        "SOURCE_NAME": "Wire",
    },
    "fmp-general": {
        "title": "Acme cuts outlook",
        "publishedDate": "2026-03-03 03:15:00",
        "image": "i",
        "site": "Wire",
        "text": "t",
        "url": "https://news.example/fmp",
    },
}
"""Shapes beside those of the page that a reader can try."""
_ON_PAGE: Final = [orjson.loads(line) for line in EXAMPLES.read_bytes().splitlines()]
ITEMS: Final[dict[str, dict[str, Any]]] = dict(zip(SHAPES, _ON_PAGE, strict=False)) | OTHERS
"""Shape to an item of its feed."""


def profile_of(shape: str) -> str:
    """Return the name of the profile that a shape is read with; empty if it needs none."""
    return shape.partition(" ")[0]


def sent(shape: str) -> bytes:
    """Return the item of a feed as JSON."""
    return orjson.dumps(ITEMS[shape])


def right(shape: str) -> Right:
    """Return what must be read of it."""
    source, companies, identifier = SHAPES[shape]
    address = _PAGE.search(sent(shape))
    if identifier:
        key = own(source, identifier)
    else:
        key = page(address[1].decode()) if address else content("Acme cuts outlook")
    return Right(key, companies=companies, source=source)
