"""Dates, texts and other fields under the names and in the company of others that feeds have."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from schemas.incoming.item import Reading
from schemas.incoming.prose import plain
from schemas.incoming.reading import read_record

ISO, MOMENT = "2026-03-03T08:15:00Z", datetime(2026, 3, 3, 8, 15, tzinfo=UTC)
EVENT = [("ce_specversion", b"1.0"), ("ce_id", b"7"), ("ce_source", b"/p"),
         ("ce_time", b"2026-04-01T00:00:00Z")]  # fmt: skip


def read(headers: list[tuple[str, bytes]] | None = None, **body: Any) -> Reading:
    """Return the reading of an article with these fields."""
    (reading,) = read_record(orjson.dumps({"title": "Acme cuts", **body}), headers or [])
    assert isinstance(reading, Reading), reading
    return reading


@pytest.mark.parametrize(
    "name",
    ["publish_time", "publishOn", "posted", "story_date", "news_dt", "release_time",
     "displayDateTime", "TIMESTAMP_UTC", "unix_timestamp", "ts_ms", "epoch", "filed_at",
     "TimeOfArrival", "date_gmt",
     "pubDateUtc", "article:published_time", "dc.date", "article_publish_ts", "updateTime"],
)  # fmt: skip
def test_names_of_dates(name: str) -> None:
    """The article would be refused, or be dated by the event that carries it."""
    reading = read(EVENT, **{name: ISO})
    assert (reading.article.published, reading.published_from) == (MOMENT, name)


@pytest.mark.parametrize(
    "fields",
    [
        {"updateTime": "2026-03-04T00:00:00Z", "publish_time": ISO},
        {"created_at": "2026-03-03T09:00:00Z", "posted": ISO},
        {"date": "2026-03-03T09:15:00", "date_gmt": "2026-03-03T08:15:00"},
        {"publication_date": "2026-03-03", "publication_time": ISO},
        {"pub_date": "03 Mar 2026", "pub_time": "08:15 GMT"},
        {"date": "2026-03-03", "time": "0815", "source": "W"},
        {"published": "2026-03-03T03:15:00", "timezone": "America/New_York"},
        {"published": "2026-03-03 09:15", "utc_offset": "+01:00"},
        {"published": "N/A", "pubDate": ISO},
        {"metadata": {"firstCreated": ISO}},
    ],
)
def test_the_best_of_several_dates(fields: dict[str, Any]) -> None:
    """A day would be taken for midnight, an update for the news, a local hour for UTC."""
    assert read(**fields).article.published == MOMENT


def test_a_time_of_its_own_name_has_a_zone() -> None:
    """Every article of a feed would carry a warning that its field's name answers."""
    assert read(published_utc="2026-03-03 08:15:00").warnings == ()


def test_the_time_of_a_change_is_no_date() -> None:
    """Old rows that a connector reads again would be news of today."""
    result = read_record(orjson.dumps({"title": "Acme", "__ts_ms": 1_772_525_700_000}), [])[0]
    assert not isinstance(result, Reading)


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        ({"origin": {"streamId": "f", "title": "Wire"}}, "source", "Wire"),
        ({"source": {"domain": "w.example", "paywall": False}}, "source", "w.example"),
        ({"providerCode": "WIRE"}, "source", "WIRE"),
        ({"canonical": [{"href": "https://w.example/a"}]}, "url", "https://w.example/a"),
        ({"story_link": "https://w.example/a"}, "url", "https://w.example/a"),
        ({"short_description": "s"}, "summary", "s"),
        ({"summary": {"html": "<p>s</p>"}}, "summary", "s"),
        ({"language": {"code": "en"}}, "language", "en"),
        ({"language": "English (US)"}, "language", "en"),
    ],
)
def test_names_of_other_fields(body: dict[str, Any], field: str, expected: str) -> None:
    """What a vendor sends would be left in extra."""
    assert getattr(read(published=ISO, **body).article, field) == expected


def test_the_headline_may_have_a_name_of_several_parts() -> None:
    """Exports with story_headline would be refused."""
    body = {"story_headline": "Acme cuts", "published": ISO}
    (reading,) = read_record(orjson.dumps(body), [])
    assert isinstance(reading, Reading), reading


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("Acme <ACME US Equity> cuts", "Acme <ACME US Equity> cuts"),
        ("Acme <NYSE: ACM> cuts", "Acme <NYSE: ACM> cuts"),
        ("&lt;b&gt;Acme&lt;/b&gt; cuts", "Acme cuts"),
        ("&amp;lt;p&amp;gt;Acme&amp;lt;/p&amp;gt;", "Acme"),
    ],
)
def test_codes_stay_and_escaped_markup_leaves(sent: str, expected: str) -> None:
    """A company would be lost with its brackets; the model would score markup."""
    assert plain(sent) == expected
