"""Ingestion: every record is accepted or set aside, never both, never neither."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cluster_layout import ClusterLayout
from agents.pipeline import build_stages
from nlp.null import NullClassifier
from schemas.article import Article
from schemas.incoming.limits import MAX_ITEMS
from streams.core.record import Headers, Message, Stored
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog
from tests.schemas.odd_fields import articles, dumped

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
TRACE = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
RECENT = 1_700_000_000_000
"""Milliseconds since the epoch; what was written now has a later time."""
REASONS = {b"undecodable", b"invalid", b"too_large", b"unsupported_schema"}
LISTS = ("articles", "results", "items", "feed", "data", "hits")
"""Fields in which answers of services hold several articles."""


NAMES_OF_HEADERS = st.sampled_from(
    ["ce_id", "ce_specversion", "ce_source", "ce_time", "content-type", "newsquake-profile", "x"]
)


class Sent(NamedTuple):
    """A record, the number of items that it holds, and how many of them must be accepted."""

    value: bytes | None
    items: int = 1
    good: int = 0


def jsons() -> st.SearchStrategy[Any]:
    """JSON values of any shape."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )


def nearly() -> st.SearchStrategy[dict[str, Any]]:
    """Objects that are nearly articles."""
    dates = st.just("2024-03-01T00:00:00Z") | st.text()
    return st.fixed_dictionaries({"headline": st.text(), "published": dates})


def noise() -> st.SearchStrategy[Sent]:
    """Bytes that are no article."""
    return (st.none() | st.binary()).map(lambda value: Sent(value, items_in(value or b"")))


def items_in(value: bytes) -> int:
    """Return the number of items of a record without an envelope; what can't be read is one."""
    try:
        body = json.loads(value)
    except (ValueError, RecursionError):
        return 1
    return len(body) if isinstance(body, list) and 0 < len(body) <= MAX_ITEMS else 1


@st.composite
def sent_records(draw: st.DrawFn) -> Sent:
    """Draw a record as a producer may send it: one article, several, in an envelope, or none."""
    good = draw(st.lists(articles(), max_size=3))
    others = draw(st.lists(nearly() | jsons(), max_size=3))
    mixed = draw(st.permutations([*good, *others]))
    if draw(st.booleans()) and good:
        return Sent(dumped({draw(st.sampled_from(LISTS)): mixed}), len(mixed), len(good))
    if draw(st.booleans()):
        return Sent(dumped(mixed), len(mixed) or 1, len(good))
    if good:
        return Sent(dumped(good[0]), 1, 1)
    return draw(noise() | nearly().map(lambda body: Sent(dumped(body))))


def trace(number: int) -> bytes:
    """Return a trace by which the results of a record are told from those of others."""
    return b"00-%032x-00f067aa0ba902b7-01" % (number + 1)


def results(log: MemoryLog, topic: str, number: int) -> list[Stored]:
    """Return the records of a topic that came of the record with this number."""
    return [
        record for record in log.read(topic) if dict(record.headers)["traceparent"] == trace(number)
    ]


def ingested(sent: Sequence[Sent], headers: Sequence[Headers], chunk: int = 9) -> MemoryLog:
    """Return the log after the agent has read records."""
    log = MemoryLog(partitions=2)
    for number, (record, extra) in enumerate(zip(sent, headers, strict=True)):
        log.append(
            [Message("news.raw", None, record.value, [*extra, ("traceparent", trace(number))])]
        )
    (stage,) = build_stages(
        ["ingest"], cluster=ClusterLayout(partitions=2), classifier=NullClassifier()
    )
    asyncio.run(drain(log, stage, chunk=chunk))
    return log


def assert_dead_with_a_reason(dead: Sequence[Stored]) -> None:
    """Assert that dead letters say why, in words and as a stable code."""
    for record in dead:
        said = dict(record.headers)
        assert said["newsquake.reason"] in REASONS
        assert said["__connect.errors.exception.message"]


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
@given(st.lists(sent_records(), max_size=4), st.integers(1, 9))
def test_every_item_is_accepted_or_dead(sent: list[Sent], chunk: int) -> None:
    """An article could vanish, count twice, or be refused for a field that nobody needs."""
    log = ingested(sent, [()] * len(sent), chunk)
    for number, record in enumerate(sent):
        accepted = results(log, "news.accepted", number)
        dead = results(log, "news.dead", number)
        assert len(accepted) + len(dead) == record.items
        assert len(accepted) >= record.good
        assert all(Article.from_bytes(item.value).key.encode() == item.key for item in accepted)
        assert_dead_with_a_reason(dead)
        if record.items == 1:
            assert [item.value for item in dead] in ([], [record.value])


@pytest.mark.property
@given(sent_records(), st.lists(st.tuples(NAMES_OF_HEADERS, st.binary(max_size=8)), max_size=3))
def test_a_record_with_any_headers_is_accepted_or_dead(record: Sent, headers: Headers) -> None:
    """A header of another program could cost a record without a word."""
    log = ingested([record], [headers])
    accepted, dead = results(log, "news.accepted", 0), results(log, "news.dead", 0)
    assert_dead_with_a_reason(dead)
    if accepted or [item.value for item in dead] != [record.value]:
        assert len(accepted) + len(dead) == record.items


@pytest.mark.property
@given(articles())
def test_a_headline_and_a_date_are_enough(body: dict[str, Any]) -> None:
    """Any odd value in any other field, under any name, would cost the article."""
    log = ingested([Sent(dumped(body))], [()])
    assert [dict(dead.headers)["newsquake.reason"] for dead in log.read("news.dead")] == []
    assert len(log.read("news.accepted")) == 1


@pytest.mark.property
@given(noise())
def test_random_bytes_end_dead_with_a_reason(record: Sent) -> None:
    """Noise would be accepted, vanish, or stop the worker."""
    log = ingested([record], [()])
    assert log.read("news.accepted") == []
    assert len(log.read("news.dead")) == record.items
    assert_dead_with_a_reason(log.read("news.dead"))


def test_a_fuse_that_is_off_lets_a_record_of_bad_items_pass() -> None:
    """The way out that the fuse names would end at a record with more bad items than records."""
    items = [{"headline": "Acme falls"}] * 3
    log = ingested([Sent(dumped(items)), Sent(b"{}")], [(), ()])
    assert len(log.read("news.dead")) == 4


def test_more_items_than_a_record_may_hold_are_dead_together() -> None:
    """A record could grow a thousand times on its way, or its last items vanish."""
    for count, accepted in ((MAX_ITEMS, MAX_ITEMS), (MAX_ITEMS + 1, 0)):
        items = [{"headline": f"Acme falls {n}", "published": "2024-03-01"} for n in range(count)]
        log = ingested([Sent(dumped(items))], [()])
        assert len(log.read("news.accepted")) == accepted
        assert [dead.value for dead in log.read("news.dead")] == (
            [] if accepted else [dumped(items)]
        )


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
