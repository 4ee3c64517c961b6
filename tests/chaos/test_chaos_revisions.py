"""Kill -9 among copies and corrections, on a real broker: each company counts exactly once."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from infra.supervisor import Supervisor
from schemas.channels import ACCEPTED, RAW, SCORED, SIGNALS
from schemas.identity import Pair, id_key
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.record import TopicPartition
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import create_topics
from tests.chaos.outside import committed

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]
Working = Callable[..., Supervisor]
Running = Callable[[Supervisor, int], Awaitable[int]]
ARTICLES = 400
COMPANIES = ("AL1", "AL2", "AL3", "AL4")
KILLS = 2
SEND_SECONDS = 10.0
SECONDS = 90.0


def rows(number: int) -> list[bytes]:
    """Return the records of one article: copies, further companies, and a correction."""
    first, right = f"Firm {number} reports profit", f"Firm {number} reports a loss of {number}"
    a, b, c, d = COMPANIES
    named = [
        (first, [a]),
        (first, [a]),
        (first, [b]),
        (first, [a, c]),
        (right, [a, d]),
        (right, [d]),
    ]
    return [
        orjson.dumps(
            {
                "source": "wire",
                "id": f"n{number}",
                "headline": headline,
                "tickers": tickers,
                "published": "2026-03-03T08:15:00Z",
            }
        )
        for headline, tickers in named
    ]


def mixed() -> list[bytes]:
    """Return the records of all articles; those of one are spread over hundreds of others."""
    dice = random.Random(5)
    placed = [
        (number + dice.randrange(ARTICLES // 2), row)
        for number in range(ARTICLES)
        for row in rows(number)
    ]
    return [row for _, row in sorted(placed, key=lambda pair: pair[0])]


async def send(layout: ClusterLayout, values: Sequence[bytes]) -> None:
    """Send records to all partitions in turn, spread over some time, so that kills meet them."""
    async with AIOKafkaProducer(
        bootstrap_servers=layout.bootstrap, enable_idempotence=True
    ) as producer:
        for number, value in enumerate(values):
            partition = number % layout.partitions
            await producer.send(layout.topic(RAW.topic), value, partition=partition)
            await asyncio.sleep(SEND_SECONDS / len(values))
        await producer.flush()


async def until_signals(layout: ClusterLayout, count: int) -> None:
    """Wait until more than so many signals are committed."""
    async with asyncio.timeout(SECONDS):
        while len(await committed(layout, SIGNALS)) <= count:  # noqa: ASYNC110 - it is on the broker
            await asyncio.sleep(0.1)


async def until_scored(layout: ClusterLayout, count: int) -> None:
    """Wait until so many records are accepted and `score` has committed all of them."""
    log, group = KafkaLog(layout), layout.topic("newsquake-score")
    async with asyncio.timeout(SECONDS):
        while True:
            accepted = await committed(layout, ACCEPTED)
            ends = {(record.topic, record.partition): record.offset + 1 for record in accepted}
            done = [await log.committed(group, TopicPartition(*it)) >= ends[it] for it in ends]
            if len(accepted) == count and all(done):
                return
            await asyncio.sleep(0.2)


async def test_copies_and_corrections_count_once_through_kills(
    kafka: str, prefix: str, working: Working, running: Running
) -> None:
    """A crash would lose companies of an article, or count its bad news twice for one of them."""
    layout = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    await create_topics(layout, required_topics(layout, NEWS))
    workers = working(layout, 1, NEWSQUAKE_KAFKA__PARTITIONS="2")
    values = mixed()
    sending = asyncio.create_task(send(layout, values))
    for _ in range(KILLS):
        await until_signals(layout, len(await committed(layout, SIGNALS)))
        await running(workers, 0)
        workers.kill(0)
    await sending
    await until_scored(layout, len(values))

    keys = [id_key(Pair("wire", f"n{number}")) for number in range(ARTICLES)]
    signals = [Signal.from_bytes(record.value) for record in await committed(layout, SIGNALS)]
    counted = Counter(
        (signal.key, signal.subject) for signal in signals if signal.subject.startswith("company:")
    )
    assert counted == {(key, f"company:{ticker}"): 1 for key in keys for ticker in COMPANIES}
    scored = [ScoredArticle.from_bytes(record.value) for record in await committed(layout, SCORED)]
    revisions = Counter((article.article.key, article.revision) for article in scored)
    for key in keys:
        assert (revisions[key, None], revisions[key, "correction"]) == (1, 1)
    named = Counter((article.article.key, name) for article in scored for name in article.subjects)
    assert set(named.values()) == {1}
    assert workers.status[0].restarts >= KILLS
