"""One item of each vendor, written anew in the vendor's shape, is read with its shipped profile."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.input.profile_folder import load_profiles
from infra.usage_error import UsageError
from schemas.incoming.item import Reading
from schemas.incoming.profiles.shipped import shipped
from schemas.incoming.reading import Refused, read_record

MOMENT = datetime(2026, 3, 3, 8, 15, tzinfo=UTC)
ISO, EPOCH, PAGE = "2026-03-03T08:15:00Z", 1_772_525_700, "https://news.example/a"
TITLE = {"title": "Acme cuts outlook"}
HEADLINE = {"headline": "Acme cuts outlook"}
VENDORS: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "alpaca": ({**HEADLINE, "T": "n", "id": 7, "created_at": ISO, "updated_at": ISO, "url": PAGE,
                "symbols": ["ACME"], "source": "benzinga"}, ("ACME",), "benzinga"),
    "polygon": ({**TITLE, "id": "x7", "published_utc": ISO, "article_url": PAGE,
                 "tickers": ["ACME"],
                 "publisher": {"name": "Wire"}},
                ("ACME",), "Wire"),
    "massive-benzinga": ({**TITLE, "benzinga_id": 7, "published": ISO, "url": PAGE,
                          "tickers": ["ACME"], "body": "Long"}, ("ACME",), "news.example"),
    "finnhub": ({**HEADLINE, "datetime": EPOCH, "related": "ACME", "id": 7, "source": "Wire",
                 "url": PAGE, "category": "company"}, ("ACME",), "Wire"),
    "benzinga": ({**TITLE, "id": 7, "created": "Tue, 03 Mar 2026 03:15:00 -0500", "teaser": "t",
                  "stocks": [{"name": "ACME"}], "url": PAGE}, ("ACME",), "Benzinga"),
    "tiingo": ({**TITLE, "id": 7, "publishedDate": ISO, "crawlDate": ISO, "url": PAGE,
                "tickers": ["brk-b"], "source": "w.example"}, ("BRK.B",), "w.example"),
    "marketaux": ({**TITLE, "uuid": "u7", "published_at": ISO, "url": PAGE, "source": "w.example",
                   "entities": [{"symbol": "ACME", "name": "Acme Inc"}]}, ("ACME",), "w.example"),
    "newsapi": ({**TITLE, "source": {"id": None, "name": "Wire"}, "publishedAt": ISO, "url": PAGE,
                 "urlToImage": None, "content": "x"}, (), "Wire"),
    "alpha-vantage": ({**TITLE, "time_published": "20260303T081500", "url": PAGE, "source": "Wire",
                       "ticker_sentiment": [{"ticker": "ACME", "relevance_score": "0.9"},
                                            {"ticker": "CRYPTO:BTC"}]}, ("ACME",), "Wire"),
    "gdelt": ({**TITLE, "seendate": "20260303T081500Z", "url": PAGE, "domain": "news.example",
               "language": "English", "sourcecountry": "US"}, (), "news.example"),
    "lseg": ({**HEADLINE, "altId": "n7", "versionCreated": ISO, "firstCreated": ISO, "body": "b",
              "subjects": ["R:ACME.N", "M:1RT", "N2:US"]}, ("ACME",), "unknown"),
    "factiva": ({**TITLE, "an": "F7", "publication_datetime": EPOCH * 1000,
                 "publisher_name": "Wire"}, (), "Wire"),
    "ninjs": ({"headlines": [{"value": "Acme cuts outlook"}], "uri": "urn:x:7", "infosources":
               [{"name": "Wire"}], "versioncreated": ISO}, (), "Wire"),
    "event-registry": ({**TITLE, "uri": "77", "dateTimePub": ISO,
                        "dateTime": "2026-03-03T08:20:00Z",
                        "date": "2026-03-03", "time": "08:20:00", "url": PAGE, "lang": "eng",
                        "source": {"uri": "w.example", "title": "Wire"}}, (), "Wire"),
    "eodhd": ({**TITLE, "date": "2026-03-03T08:15:00+00:00", "link": PAGE, "content": "c",
               "symbols": ["ACME.US"]}, ("ACME",), "news.example"),
    "yfinance": ({**TITLE, "uuid": "u7", "publisher": "Wire", "link": PAGE,
                  "providerPublishTime": EPOCH, "relatedTickers": ["ACME"]}, ("ACME",), "Wire"),
    "yfinance-content": ({"id": "u7", "content": {**TITLE, "contentType": "STORY", "pubDate": ISO,
                          "provider": {"displayName": "Wire"}, "canonicalUrl": {"url": PAGE},
                          "finance": {"stockTickers": [{"symbol": "ACME"}]}}}, ("ACME",), "Wire"),
    "newsdata": ({**TITLE, "article_id": "a7", "pubDate": "2026-03-03 08:15:00", "link": PAGE,
                  "source_id": "wire", "source_name": "Wire", "language": "english"}, (), "Wire"),
    "gnews": ({**TITLE, "publishedAt": ISO, "url": PAGE, "image": "i", "content": "c",
               "source": {"name": "Wire", "url": "https://w.example"}}, (), "Wire"),
    "gnews-package": ({**TITLE, "published date": "Tue, 03 Mar 2026 08:15:00 GMT", "url": PAGE,
                       "publisher": {"href": "https://w.example", "title": "Wire"}}, (), "Wire"),
    "mediastack": ({**TITLE, "published_at": ISO, "url": PAGE, "source": "Wire", "country": "us",
                    "category": "business", "language": "en"}, (), "Wire"),
    "fmp": ({**TITLE, "symbol": "ACME", "publishedDate": "2026-03-03 03:15:00", "url": PAGE,
             "site": "w.example", "text": "t"}, ("ACME",), "w.example"),
    "stocknewsapi": ({**TITLE, "news_url": PAGE, "date": "Tue, 03 Mar 2026 03:15:00 -0500",
                      "source_name": "Wire", "tickers": ["ACME"], "text": "t"}, ("ACME",), "Wire"),
    "rss-parser": ({**TITLE, "link": PAGE, "pubDate": "Tue, 03 Mar 2026 09:15:00 XYZ",
                    "isoDate": ISO, "contentSnippet": "s", "guid": "g"}, (), "news.example"),
    "feedparser": ({**TITLE, "title_detail": {"value": "x"}, "link": PAGE, "published":
                    "Tue, 03 Mar 2026 03:15:00 EST", "source": {"title": "Wire"}}, (), "Wire"),
    "json-feed": ({**TITLE, "id": "7", "url": PAGE, "date_published": ISO,
                   "content_html": "<p>t</p>"}, (), "news.example"),
    "schema-org": ({**HEADLINE, "@type": "NewsArticle", "datePublished": ISO, "url": PAGE,
                    "publisher": {"@type": "Organization", "name": "Wire"}}, (), "Wire"),
    "guardian": ({"webTitle": "Acme cuts outlook", "webPublicationDate": ISO, "webUrl": PAGE,
                  "id": "business/7", "fields": {"trailText": "t"}}, (), "The Guardian"),
    "nyt": ({"headline": {"main": "Acme cuts outlook"}, "web_url": PAGE, "_id": "nyt://7",
             "pub_date": "2026-03-03T08:15:00+0000", "abstract": "a"}, (), "The New York Times"),
    "newscatcher": ({**TITLE, "_id": "n7", "published_date": "2026-03-03 08:15:00", "link": PAGE,
                     "clean_url": "w.example"}, (), "w.example"),
    "tickertick": ({**TITLE, "id": "t7", "time": EPOCH * 1000, "site": "w.example", "url": PAGE,
                    "tickers": ["acme"]}, ("ACME",), "w.example"),
    "openwebninja": ({**TITLE, "article_url": PAGE, "published_datetime_utc": "2026-03-03 08:15:00",
                      "source_name": "Wire", "stocks_in_news": [{"symbol": "ACME:NASDAQ"}]},
                     ("ACME",), "Wire"),
    "stocktwits": ({"id": 7, "body": "Acme cuts outlook", "created_at": ISO, "user": {"name": "n"},
                    "source": {"title": "Web"}, "symbols": [{"id": 1, "symbol": "ACME"}]},
                   ("ACME",), "StockTwits"),
    "x": ({"id_str": "7", "text": "Acme cuts outlook", "created_at":
           "Tue Mar 03 08:15:00 +0000 2026", "source": "<a href='x'>Web</a>",
           "entities": {"symbols": [{"text": "ACME"}], "urls": []}}, ("ACME",), "X"),
    "lseg-headlines": ({"versionCreated": ISO, "text": "Acme cuts outlook", "storyId": "urn:n:7",
                        "sourceCode": "NS:RTRS"}, (), "NS:RTRS"),
    "newsml-g2": ({"@guid": "urn:n:7", "itemMeta": {"versionCreated": ISO, "provider":
                   {"@literal": "Wire"}}, "contentMeta": {"headline": "Acme cuts outlook",
                   "subject": [{"@qcode": "R:ACME.N"}, {"@qcode": "M:1"}]}}, ("ACME",), "Wire"),
    "bing": ({"name": "Acme cuts outlook", "url": PAGE, "provider": [{"name": "Wire"}],
              "datePublished": "2026-03-03T08:15:00.0000000Z"}, (), "Wire"),
    "ravenpack": ({"RP_STORY_ID": "A7", "TIMESTAMP_UTC": "2026-03-03 08:15:00.000", "HEADLINE":
                   "Acme cuts outlook", "ENTITY_NAME": "Acme Inc.", "SOURCE_NAME": "Wire"},
                  ("ACME INC.",), "Wire"),
    "fmp-general": ({**TITLE, "publishedDate": "2026-03-03 03:15:00", "image": "i", "site": "Wire",
                     "text": "t", "url": PAGE}, (), "Wire"),
    "logstash": ({**TITLE, "@timestamp": ISO, "@version": "1", "link": PAGE, "Feed": "Wire"},
                 (), "Wire"),
}  # fmt: skip
"""Profile to an item of its feed, the companies in it and its source."""


def test_every_shipped_profile_has_an_example() -> None:
    """A profile could be wrong for years."""
    assert VENDORS.keys() == shipped().by_name.keys()


@pytest.mark.parametrize("name", VENDORS)
def test_an_item_of_the_vendor_is_read(name: str) -> None:
    """A feed's time, companies or source would be lost without a word."""
    item, companies, source = VENDORS[name]
    (reading,) = read_record(orjson.dumps(item), [])
    assert isinstance(reading, Reading), reading
    article = reading.article
    assert (article.headline, article.published) == ("Acme cuts outlook", MOMENT)
    assert (article.companies, article.source) == (companies, source)
    assert reading.identity_from in {"id", "url", "content"}


@pytest.mark.parametrize("name", VENDORS)
def test_the_vendor_is_recognised_by_its_fields(name: str) -> None:
    """The zone and the names of a feed would only count where a header says so."""
    item = VENDORS[name][0]
    body = item["content"] if name == "yfinance-content" else item
    assert shipped().lookup(body)[0] == shipped().by_name[name]


def test_daylight_saving_counts() -> None:
    """Half of a year's news would be an hour off."""
    summer = {**VENDORS["fmp"][0], "publishedDate": "2026-07-03 03:15:00"}
    (reading,) = read_record(orjson.dumps(summer), [])
    assert isinstance(reading, Reading)
    assert reading.article.published == datetime(2026, 7, 3, 7, 15, tzinfo=UTC)


def test_an_own_profile_is_chosen_by_header_or_topic(tmp_path: Path) -> None:
    """A producer with names of its own would need code."""
    (tmp_path / "own.toml").write_text(
        'zone = "Asia/Tokyo"\nsource = "Own"\n[names]\nheadline = ["x.t"]\npublished = ["d"]\n'
    )
    value = orjson.dumps({"x": {"t": "Acme cuts outlook"}, "d": "2026-03-03 17:15"})
    by_header = load_profiles(tmp_path)
    (first,) = read_record(value, [("newsquake-profile", b"own")], by_header)
    (second,) = read_record(value, [], load_profiles(tmp_path, "own", "news.raw"), "news.raw")
    assert first == second
    assert isinstance(first, Reading)
    assert (first.article.published, first.article.source) == (MOMENT, "Own")
    (unknown,) = read_record(value, [("newsquake-profile", b"none")], by_header)
    assert isinstance(unknown, Refused)
    assert "names no profile" in str(unknown.refusal)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x", "not TOML"),
        ('zone = "New York"', "no zone"),
        ('[names]\nheadlin = ["a"]', "no field"),
        ("zones = 1", "zones"),
    ],
)
def test_a_wrong_profile_names_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    """A typing error would be found by reading the code."""
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(UsageError, match=problem):
        load_profiles(tmp_path)
