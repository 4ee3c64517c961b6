"""An item of each vendor, written anew in the shape that it documents, and its right value."""

from typing import Any, Final, NamedTuple

import orjson

from tests.schemas.feeds.right import Right, own, page

ISO, EPOCH, PAGE = "2026-03-03T08:15:00Z", 1_772_525_700, "https://news.example/page"
TITLE = {"title": "Acme cuts outlook"}
HEADLINE = {"headline": "Acme cuts outlook"}


class Item(NamedTuple):
    """An item as the vendor sends it, and what is to be read of it.

    Attributes:
        value: The item.
        companies: The tickers.
        source: Who published it.
        id: Its own id; its page identifies it if empty.
    """

    value: dict[str, Any]
    companies: tuple[str, ...]
    source: str
    id: str = ""


VENDORS: Final[dict[str, Item]] = {
    "alpaca": Item({**HEADLINE, "T": "n", "id": 7, "created_at": ISO, "updated_at": ISO,
        "url": PAGE, "symbols": ["ACME"], "source": "benzinga"}, ("ACME",), "benzinga", "7"),
    "polygon": Item({**TITLE, "id": "x7", "published_utc": ISO, "article_url": PAGE,
        "tickers": ["ACME"], "publisher": {"name": "Wire"}}, ("ACME",), "Wire", "x7"),
    "massive-benzinga": Item({**TITLE, "benzinga_id": 7, "published": ISO, "url": PAGE,
        "tickers": ["ACME"], "body": "Long"}, ("ACME",), "news.example", "7"),
    "finnhub": Item({**HEADLINE, "datetime": EPOCH, "related": "ACME", "id": 7,
        "source": "Wire", "url": PAGE, "category": "company"}, ("ACME",), "Wire", "7"),
    "benzinga": Item({**TITLE, "id": 7, "created": "Tue, 03 Mar 2026 03:15:00 -0500",
        "teaser": "t", "stocks": [{"name": "ACME"}], "url": PAGE}, ("ACME",), "Benzinga", "7"),
    "tiingo": Item({**TITLE, "id": 7, "publishedDate": ISO, "crawlDate": ISO, "url": PAGE,
        "tickers": ["brk-b"], "source": "w.example"}, ("BRK.B",), "w.example", "7"),
    "marketaux": Item({**TITLE, "uuid": "u7", "published_at": ISO, "url": PAGE,
        "source": "w.example", "entities": [{"symbol": "ACME", "name": "Acme Inc"}]}, ("ACME",),
        "w.example", "u7"),
    "newsapi": Item({**TITLE, "source": {"id": None, "name": "Wire"}, "publishedAt": ISO,
        "url": PAGE, "urlToImage": None, "content": "x"}, (), "Wire"),
    "alpha-vantage": Item({**TITLE, "time_published": "20260303T081500", "url": PAGE,
        "source": "Wire", "ticker_sentiment": [{"ticker": "ACME", "relevance_score": "0.9"},
        {"ticker": "CRYPTO:BTC"}]}, ("ACME",), "Wire"),
    "gdelt": Item({**TITLE, "seendate": "20260303T081500Z", "url": PAGE,
        "domain": "news.example", "language": "English", "sourcecountry": "US"}, (),
        "news.example"),
    "lseg": Item({**HEADLINE, "altId": "n7", "provider": "NS:RTRS", "versionCreated": ISO,
        "firstCreated": ISO, "body": "b", "subjects": ["R:ACME.N", "M:1RT", "N2:US"]},
        ("ACME",), "NS:RTRS", "n7"),
    "factiva": Item({**TITLE, "an": "F7", "publication_datetime": EPOCH * 1000,
        "publisher_name": "Wire"}, (), "Wire", "F7"),
    "ninjs": Item({"headlines": [{"value": "Acme cuts outlook"}], "uri": "urn:x:7",
        "infosources": [{"name": "Wire"}], "versioncreated": ISO}, (), "Wire", "urn:x:7"),
    "event-registry": Item({**TITLE, "uri": "77", "dateTimePub": ISO,
        "dateTime": "2026-03-03T08:20:00Z", "date": "2026-03-03", "time": "08:20:00",
        "url": PAGE, "lang": "eng", "source": {"uri": "w.example", "title": "Wire"}}, (),
        "Wire", "77"),
    "eodhd": Item({**TITLE, "date": "2026-03-03T08:15:00+00:00", "link": PAGE, "content": "c",
        "symbols": ["ACME.US"]}, ("ACME",), "news.example"),
    "yfinance": Item({**TITLE, "uuid": "u7", "publisher": "Wire", "link": PAGE,
        "providerPublishTime": EPOCH, "relatedTickers": ["ACME"]}, ("ACME",), "Wire", "u7"),
    "yfinance-content": Item({"id": "u8", "content": {**TITLE, "contentType": "STORY",
        "pubDate": ISO, "provider": {"displayName": "Wire"}, "canonicalUrl": {"url": PAGE},
        "finance": {"stockTickers": [{"symbol": "ACME"}]}}}, ("ACME",), "Wire", "u8"),
    "newsdata": Item({**TITLE, "article_id": "a7", "pubDate": "2026-03-03 08:15:00",
        "link": PAGE, "source_id": "wire", "source_name": "Wire", "language": "english"}, (),
        "Wire", "a7"),
    "gnews": Item({**TITLE, "publishedAt": ISO, "url": PAGE, "image": "i", "content": "c",
        "source": {"name": "Wire", "url": "https://w.example"}}, (), "Wire"),
    "gnews-package": Item({**TITLE, "published date": "Tue, 03 Mar 2026 08:15:00 GMT",
        "url": PAGE, "publisher": {"href": "https://w.example", "title": "Wire"}}, (), "Wire"),
    "mediastack": Item({**TITLE, "published_at": ISO, "url": PAGE, "source": "Wire",
        "country": "us", "category": "business", "language": "en"}, (), "Wire"),
    "fmp": Item({**TITLE, "symbol": "ACME", "publishedDate": "2026-03-03 03:15:00", "url": PAGE,
        "site": "w.example", "text": "t"}, ("ACME",), "w.example"),
    "stocknewsapi": Item({**TITLE, "news_url": PAGE, "date": "Tue, 03 Mar 2026 03:15:00 -0500",
        "source_name": "Wire", "tickers": ["ACME"], "text": "t"}, ("ACME",), "Wire"),
    "rss-parser": Item({**TITLE, "link": PAGE, "pubDate": "Tue, 03 Mar 2026 09:15:00 XYZ",
        "isoDate": ISO, "contentSnippet": "s", "guid": "g"}, (), "news.example", "g"),
    "feedparser": Item({**TITLE, "title_detail": {"value": "x"}, "link": PAGE,
        "published": "Tue, 03 Mar 2026 03:15:00 EST", "source": {"title": "Wire"}}, (), "Wire"),
    "json-feed": Item({**TITLE, "id": "j7", "url": PAGE, "date_published": ISO,
        "content_html": "<p>t</p>"}, (), "news.example", "j7"),
    "schema-org": Item({**HEADLINE, "@type": "NewsArticle", "datePublished": ISO, "url": PAGE,
        "publisher": {"@type": "Organization", "name": "Wire"}}, (), "Wire"),
    "guardian": Item({"webTitle": "Acme cuts outlook", "webPublicationDate": ISO,
        "webUrl": PAGE, "id": "business/7", "fields": {"trailText": "t"}}, (), "The Guardian",
        "business/7"),
    "nyt": Item({"headline": {"main": "Acme cuts outlook"}, "web_url": PAGE, "_id": "nyt://7",
        "pub_date": "2026-03-03T08:15:00+0000", "abstract": "a"}, (), "The New York Times",
        "nyt://7"),
    "newscatcher": Item({**TITLE, "_id": "n7", "published_date": "2026-03-03 08:15:00",
        "link": PAGE, "clean_url": "w.example"}, (), "w.example", "n7"),
    "tickertick": Item({**TITLE, "id": "t7", "time": EPOCH * 1000, "site": "w.example",
        "url": PAGE, "tickers": ["acme"]}, ("ACME",), "w.example", "t7"),
    "openwebninja": Item({**TITLE, "article_url": PAGE,
        "published_datetime_utc": "2026-03-03 08:15:00", "source_name": "Wire",
        "stocks_in_news": [{"symbol": "ACME:NASDAQ"}]}, ("ACME",), "Wire"),
    "logstash": Item({**TITLE, "@timestamp": ISO, "@version": "1", "link": PAGE,
        "Feed": "Wire"}, (), "Wire"),
}  # fmt: skip
"""Profile to an item of its feed."""


def sent(name: str) -> bytes:
    """Return the item of a feed as JSON, with a page of its own."""
    return orjson.dumps(VENDORS[name].value).replace(PAGE.encode(), f"{PAGE}/{name}".encode())


def right(name: str) -> Right:
    """Return what must be read of it."""
    item = VENDORS[name]
    key = own(item.source, item.id) if item.id else page(f"news.example/page/{name}")
    return Right(key, companies=item.companies, source=item.source)
