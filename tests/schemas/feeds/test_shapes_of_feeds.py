"""Envelopes, exports and feeds around articles: opened, or refused by their name."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.input.profile_folder import load_profiles
from schemas.incoming.item import Reading
from schemas.incoming.reading import Refused, read_record

ARTICLE: dict[str, Any] = {
    "title": "Acme cuts outlook",
    "published": "2026-03-03T08:15:00Z",
    "tickers": ["ACME"],
    "source": "Wire",
}
JSON = orjson.dumps(ARTICLE)
MOMENT = datetime(2026, 3, 3, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        {"Article": ARTICLE},
        {"anything": ARTICLE},
        {"root": {"item": ARTICLE}},
        {"7": ARTICLE},
        {"Data": [ARTICLE]},
        {"hits": {"total": 1, "hits": [{"_id": "7", "_source": ARTICLE}]}},
        {"data": {"articles": {"edges": [{"node": ARTICLE}]}}},
        {"event": {"op": "INSERT", "data": {"old": None, "new": ARTICLE}}, "table": {}},
        {"Records": [{"messageId": "m", "body": JSON.decode()}]},
        {"Records": [{"kinesis": {"data": base64.b64encode(JSON).decode()}}]},
        {"log": JSON.decode(), "stream": "stdout"},
        {"rss": {"channel": {"title": "Wire", "item": [ARTICLE]}}},
        {"feed": {"title": "Wire", "updated": "2026-03-04T00:00:00Z", "entry": [ARTICLE]}},
        {"version": "https://jsonfeed.org/version/1.1", "title": "Wire", "items": [ARTICLE]},
        {"name": "n", "tags": {"source": "Wire", "tickers": "ACME"}, "timestamp": 1_772_525_700,
         "fields": {"title": "Acme cuts outlook"}},
        [JSON.decode()],
    ],
)  # fmt: skip
def test_what_is_opened(value: Any) -> None:
    """Exports of databases, queues and feeds would be refused, or a channel taken for news."""
    (reading,) = read_record(orjson.dumps(value), [])
    assert isinstance(reading, Reading), reading
    article = reading.article
    assert (article.headline, article.published) == ("Acme cuts outlook", MOMENT)
    assert (article.companies, article.source) == (("ACME",), "Wire")


@pytest.mark.parametrize(
    "value",
    [
        {"database": "d", "type": "delete", "data": ARTICLE},
        {"type": "DELETE", "table": "news", "isDdl": False, "data": [ARTICLE]},
        {"data": ARTICLE, "metadata": {"operation": "delete"}},
        {"op_type": "D", "before": ARTICLE},
        {"op": "-U", "data": ARTICLE},
        {**ARTICLE, "__deleted": "TRUE"},
        {**ARTICLE, "is_deleted": True},
    ],
)
def test_deletions_are_no_news(value: Any) -> None:
    """What a database has just removed would alert."""
    (refused,) = read_record(orjson.dumps(value), [])
    assert isinstance(refused, Refused)
    assert "deleted" in str(refused.refusal)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"\xff\xfe{\0", "UTF-16"),
        (b"\0\0\0\0\x07{abc", "Schema Registry framing"),
        (b"\x0a\x05hello", "binary"),
        (b"\x82\xa5title\xa4Acme", "binary"),
        (b"\x28\xb5\x2f\xfdabc", "compression.type"),
        (b"\xac\xed\0\5t", "Java"),
        (b"{'title': 'Acme'}", "json.dumps"),
        (b'{"title":"Soci\xe9t\xe9"}', "UTF-8"),
        (b"  ", "is empty"),
        (b'{"event_count":1,"data_collections":[]}', "provide.transaction.metadata"),
        (b'{"ddl":"ALTER TABLE news"}', "schema change"),
        (b'{"eventName":"INSERT","dynamodb":{"NewImage":{}}}', "DynamoDB"),
    ],
)
def test_what_is_refused_by_name(value: bytes, name: str) -> None:
    """The producer would look for a missing headline instead of a serializer."""
    (refused,) = read_record(value, [])
    assert isinstance(refused, Refused)
    assert name in str(refused.refusal)


@pytest.mark.parametrize(
    ("value", "articles"),
    [
        (JSON + b"\n" + JSON + b"\n", 2),
        (b"\x1e" + JSON + b"\n", 1),
        (b"\0" + JSON, 1),
        (JSON.replace(b"outlook", b"out\tlook"), 1),
    ],
)
def test_bytes_that_are_mended(value: bytes, articles: int) -> None:
    """Lines of a file, or an unescaped tab, would cost good articles; each has a warning."""
    readings = read_record(value, [])
    assert len(readings) == articles
    for reading in readings:
        assert isinstance(reading, Reading)
        assert reading.warnings


def test_a_source_with_a_title_is_not_the_article() -> None:
    """A message without a headline would be news of its source's name."""
    value = {"text": "x", "source": {"title": "Wire", "date": "2026-03-03"}, "user": {"name": "n"}}
    assert isinstance(read_record(orjson.dumps(value), [])[0], Refused)


def test_a_profile_may_read_inside_an_envelope(tmp_path: Path) -> None:
    """A path such as data.ttl would find nothing, since data had been opened before."""
    (tmp_path / "own.toml").write_text(
        '[names]\nheadline = ["data.ttl"]\npublished = ["data.when"]\nid = ["meta.key"]\n'
    )
    value = {"data": {"ttl": "Acme cuts outlook", "when": ARTICLE["published"]}, "meta": {"key": 7}}
    profiles = load_profiles(tmp_path)
    (reading,) = read_record(orjson.dumps(value), [("newsquake-profile", b"own")], profiles)
    assert isinstance(reading, Reading), reading
    assert reading.article.published == MOMENT
