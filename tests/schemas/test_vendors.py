"""One item of each vendor, written anew in the vendor's shape, is read with its shipped profile.

The items are those of `docs/feeds.jsonl`, which a reader can give to ``newsquake check``.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.input.profile_folder import load_profiles
from infra.usage_error import UsageError
from schemas.incoming.item import Reading
from schemas.incoming.profiles.profile import PLAIN
from schemas.incoming.profiles.shipped import shipped
from schemas.incoming.reading import Refused, read_record

MOMENT = datetime(2026, 3, 3, 8, 15, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "docs/feeds.jsonl"
ACME: tuple[str, ...] = ("ACME",)
NONE: tuple[str, ...] = ()
SHAPES: dict[str, tuple[tuple[str, ...], str]] = {
    "alpaca": (ACME, "benzinga"),
    "polygon": (ACME, "Wire"),
    "massive-benzinga": (ACME, "news.example"),
    "finnhub": (ACME, "Wire"),
    "benzinga": (ACME, "Benzinga"),
    "tiingo": (("BRK.B",), "w.example"),
    "marketaux": (ACME, "w.example"),
    "newsapi": (NONE, "Wire"),
    "alpha-vantage": (ACME, "Wire"),
    "gdelt": (NONE, "news.example"),
    "gdelt of 14 digits": (NONE, "news.example"),
    "lseg": (ACME, "unknown"),
    "factiva": (NONE, "Wire"),
    "ninjs": (NONE, "Wire"),
    "event-registry": (NONE, "Wire"),
    "eodhd": (ACME, "news.example"),
    "yfinance": (ACME, "Wire"),
    "yfinance-content": (ACME, "Wire"),
    "newsdata": (NONE, "Wire"),
    "gnews": (NONE, "Wire"),
    "gnews-package": (NONE, "Wire"),
    "mediastack": (NONE, "Wire"),
    "fmp": (ACME, "w.example"),
    "stocknewsapi": (ACME, "Wire"),
    "rss-parser": (NONE, "news.example"),
    "feedparser": (NONE, "Wire"),
    "feedparser of Google News": (NONE, "Wire"),
    "feedparser of Atom": (NONE, "news.example"),
    "json-feed": (NONE, "news.example"),
    "schema-org": (NONE, "Wire"),
    "guardian": (NONE, "The Guardian"),
    "nyt": (NONE, "The New York Times"),
    "newscatcher": (NONE, "w.example"),
    "tickertick": (ACME, "w.example"),
    "openwebninja": (ACME, "Wire"),
    " without a profile": (NONE, "unknown"),
}
"""The shapes of the examples in their order, by profile: the companies in each, and its source."""
ITEMS: list[dict[str, Any]] = [orjson.loads(line) for line in EXAMPLES.read_bytes().splitlines()]
ISO = "2026-03-03T08:15:00Z"
LOGSTASH: dict[str, Any] = {
    "title": "Acme cuts outlook",
    "@timestamp": "2026-03-03T08:15:00Z",
    "@version": "1",
    "link": "https://news.example/logstash",
    "Feed": "Wire",
}
OTHERS: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "logstash": (LOGSTASH, NONE, "Wire"),
    "stocktwits": ({"id": 7, "body": "Acme cuts outlook", "created_at": ISO, "user": {"name": "n"},
                    "source": {"title": "Web"}, "symbols": [{"id": 1, "symbol": "ACME"}]},
                   ACME, "StockTwits"),
    "x": ({"id_str": "7", "text": "Acme cuts outlook", "created_at":
           "Tue Mar 03 08:15:00 +0000 2026", "source": "<a href='x'>Web</a>",
           "entities": {"symbols": [{"text": "ACME"}], "urls": []}}, ACME, "X"),
    "lseg-headlines": ({"versionCreated": ISO, "text": "Acme cuts outlook", "storyId": "urn:n:7",
                        "sourceCode": "NS:RTRS"}, NONE, "NS:RTRS"),
    "newsml-g2": ({"@guid": "urn:n:7", "itemMeta": {"versionCreated": ISO, "provider":
                   {"@literal": "Wire"}}, "contentMeta": {"headline": "Acme cuts outlook",
                   "subject": [{"@qcode": "R:ACME.N"}, {"@qcode": "M:1"}]}}, ACME, "Wire"),
    "bing": ({"name": "Acme cuts outlook", "url": "https://news.example/bing", "provider":
              [{"name": "Wire"}], "datePublished": "2026-03-03T08:15:00.0000000Z"}, NONE, "Wire"),
    "ravenpack": ({"RP_STORY_ID": "A7", "TIMESTAMP_UTC": "2026-03-03 08:15:00.000", "HEADLINE":
                   "Acme cuts outlook", "ENTITY_NAME": "Acme Inc.", "SOURCE_NAME": "Wire"},
                  ("ACME INC.",), "Wire"),
    "fmp-general": ({"title": "Acme cuts outlook", "publishedDate": "2026-03-03 03:15:00", "image":
                     "i", "site": "Wire", "text": "t", "url": "https://news.example/fmp"},
                    NONE, "Wire"),
}  # fmt: skip
"""Shapes beside those of the page that a reader can try."""
VENDORS = {
    name: (item, companies, source)
    for (name, (companies, source)), item in zip(SHAPES.items(), ITEMS, strict=True)
} | OTHERS
"""Shape to an item of its feed, the companies in it and its source."""


def profile_of(shape: str) -> str:
    """Return the name of the profile that a shape is read with; empty if it needs none."""
    return shape.partition(" ")[0]


def test_every_shipped_profile_has_an_example() -> None:
    """A profile could be wrong for years."""
    assert {*map(profile_of, VENDORS)} - {""} == shipped().by_name.keys()


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
    assert shipped().lookup(body)[0] == shipped().by_name.get(profile_of(name), PLAIN)


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


def test_an_own_headline_is_no_envelope_for_what_stands_beside_it(tmp_path: Path) -> None:
    """An article with names of its own would be taken for the wrapper of one of its fields."""
    (tmp_path / "own.toml").write_text(
        'shape = ["ttl", "dt"]\n[names]\nheadline = ["ttl"]\npublished = ["dt"]\n'
    )
    for beside in ({"content": {"html": "x"}}, {"items": [{"a": 1}]}, {"data": {"b": 2}}):
        item = {"ttl": "Acme cuts outlook", "dt": "2026-03-03T08:15:00Z", **beside}
        for value in (item, {"payload": item}, [item, item]):
            for reading in read_record(orjson.dumps(value), [], load_profiles(tmp_path)):
                assert isinstance(reading, Reading), (value, reading)
                assert reading.article.headline == "Acme cuts outlook"


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
