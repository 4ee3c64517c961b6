"""Ingestion: every record is accepted or set aside, never both, never neither."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cluster_layout import ClusterLayout
from agents.pipeline import build_stages
from nlp.null import NullClassifier
from schemas.article import Article
from streams.core.record import Message
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
TRACE = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
RECENT = 1_700_000_000_000
"""Milliseconds since the epoch; what was written now has a later time."""
FIELDS = ("source", "id", "title", "summary", "tickers", "extra")


def jsons() -> st.SearchStrategy[Any]:
    """JSON values of any shape."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )


def bodies() -> st.SearchStrategy[bytes]:
    """Bytes, JSON, and JSON that is nearly an article."""
    dates = st.just("2024-03-01T00:00:00Z") | st.text()
    nearly = st.fixed_dictionaries(
        {"headline": st.text(min_size=1), "published": dates},
        optional={name: jsons() for name in FIELDS},
    )
    one = jsons().filter(lambda value: not isinstance(value, list | dict | str))
    dumped = (one | nearly).map(lambda value: json.dumps(value).encode())
    return st.binary().filter(lambda value: not value.startswith(b"[")) | dumped


def messages() -> st.SearchStrategy[Message]:
    """Records as a producer may send them."""
    names = st.sampled_from(["ce_id", "ce_specversion", "content-type", "idempotency-key", "x"])
    headers = st.lists(st.tuples(names, st.binary(max_size=8)), max_size=3)
    keys, values = st.none() | st.binary(max_size=8), st.none() | bodies()
    return st.tuples(keys, values, headers).map(lambda sent: Message("news.raw", *sent))


async def test_an_accepted_article_keeps_its_time_its_trace_and_where_it_came_from(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Windows would be measured by the wrong clock, and the detector mix up its lineages."""
    sent = news(7)._replace(headers=[("traceparent", TRACE)], timestamp=1_234, partition=1)
    log.append([sent])
    await run(log, ["ingest"])
    (accepted,) = log.read("news.accepted")
    article, headers = Article.from_bytes(accepted.value), dict(accepted.headers)
    assert accepted.key == article.key.encode()
    assert headers["newsquake.timestamp"] == b"1234"
    assert accepted.timestamp > RECENT
    assert article.published == datetime(2024, 3, 1, tzinfo=UTC)
    assert headers["newsquake.partition"] == b"1"
    assert headers["traceparent"] == TRACE
    assert headers["ce_id"] == accepted.key
    assert headers["ce_type"] == b"newsquake.article.accepted"


async def test_a_dead_letter_is_the_record_byte_for_byte(log: MemoryLog, run: Run) -> None:
    """What was set aside could not be mended and replayed."""
    sent = Message("news.raw", b"\x00key", b'{"headline": \xff', [("x", b"\xfe"), ("x", b"")], 99)
    log.append([sent])
    await run(log, ["ingest"])
    (dead,) = log.read("news.dead")
    assert (dead.key, dead.value) == (sent.key, sent.value)
    assert dict(dead.headers)["newsquake.timestamp"] == b"99"
    assert dead.timestamp > RECENT
    assert list(dead.headers[:2]) == list(sent.headers)
    assert dict(dead.headers)["newsquake.reason"] == b"undecodable"
    assert log.read("news.accepted") == []


async def test_records_over_the_limit_are_set_aside(log: MemoryLog, run: Run, news: News) -> None:
    """A record that fits into `news.raw` but not into the topics after it would stop the worker."""
    log.append([news(1), news(2, summary="long " * 100)])
    await run(log, ["ingest"], max_bytes=300)
    assert [dict(dead.headers)["newsquake.reason"] for dead in log.read("news.dead")] == [
        b"too_large"
    ]
    assert len(log.read("news.accepted")) == 1


@pytest.mark.property
@given(st.lists(messages(), max_size=4), st.integers(1, 9))
def test_what_is_published_is_accepted_or_dead(published: list[Message], chunk: int) -> None:
    """An article could be lost, counted twice, or stop the pipeline."""
    log = MemoryLog(partitions=2)
    log.append(published)
    (stage,) = build_stages(
        ["ingest"], cluster=ClusterLayout(partitions=2), classifier=NullClassifier()
    )
    asyncio.run(drain(log, stage, chunk=chunk))
    accepted, dead = log.read("news.accepted"), log.read("news.dead")
    assert len(accepted) + len(dead) == len(published)
    assert all(Article.from_bytes(record.value).key.encode() == record.key for record in accepted)
    sent = [(message.key, message.value) for message in published]
    assert all((record.key, record.value) in sent for record in dead)


async def test_an_array_is_several_articles_and_its_bad_items_die_alone(
    log: MemoryLog, run: Run
) -> None:
    """One bad item of a stream's batch would cost the others, or be replayed with them."""
    good = {"title": "Acme falls", "pubDate": "2026-03-03T08:15:00Z", "url": "https://w.example/a"}
    items = [good, {"title": "No date"}, {**good, "url": "https://w.example/b"}]
    log.append([Message("news.raw", b"k", json.dumps(items).encode(), [("idempotency-key", b"r")])])
    await run(log, ["ingest"])
    accepted, (dead,) = log.read("news.accepted"), log.read("news.dead")
    assert len({record.key for record in accepted}) == 2
    assert json.loads(dead.value or b"") == items[1]
    headers = dict(dead.headers)
    assert headers["__connect.errors.exception.message"].startswith(b"item 1: published is missing")
    assert headers["idempotency-key"] not in {b"r", *(record.key or b"" for record in accepted)}
