"""Real workers on a real broker, killed and frozen while they work.

Five kills and a freeze, or as many kills as fit into `CHAOS_SECONDS` (`make chaos` sets it).
"""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from infra.supervisor import Supervisor
from schemas.channels import DEAD, SCORED, SIGNALS, STATE_DETECT
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.kafka.topics import create_topics

Working = Callable[..., Supervisor]
Records = Callable[..., Awaitable[list[Any]]]
Running = Callable[[Supervisor, int], Awaitable[int]]

SECONDS_A_KILL = 3
KILLS = max(5, int(os.environ.get("CHAOS_SECONDS", "0")) // SECONDS_A_KILL)
ARTICLES = 600 * KILLS
COPIES = 7  # every seventh article is sent twice
SESSION = 6.0
COMPANIES = [f"CH{number:02}" for number in range(20)]
SETTLE_SECONDS = 4


@pytest.fixture
def cluster(kafka: str, prefix: str) -> ClusterLayout:
    """Return a layout whose topics are this test's own."""
    return ClusterLayout(bootstrap=kafka, prefix=prefix)


@pytest.mark.kafka
@pytest.mark.chaos
async def test_workers_that_die_and_freeze_neither_lose_nor_repeat_an_article(
    cluster: ClusterLayout, working: Working, records: Records, running: Running
) -> None:
    """Kill -9 and a zombie would otherwise cost a desk an alert, or count bad news twice."""
    await create_topics(cluster, required_topics(cluster, timedelta(days=7)))
    workers = working(
        cluster, 3, NEWSQUAKE_DETECT__IDLE_TIMEOUT="2", NEWSQUAKE_DETECT__MAX_AHEAD="9999d"
    )
    publishing = asyncio.create_task(_publish(cluster))
    await _torment(workers, running)
    await publishing
    await _settle(cluster, records)
    assert sum(worker.restarts for worker in workers.status) >= KILLS

    scored = [ScoredArticle.from_bytes(record.value) for record in await records(cluster, SCORED)]
    ids = Counter(article.article.key for article in scored)
    assert set(ids) == {f"article-{number}" for number in range(ARTICLES)}
    assert max(ids.values()) == 1
    signals = [Signal.from_bytes(record.value) for record in await records(cluster, SIGNALS)]
    counted = Counter((signal.key, signal.subject) for signal in signals)
    expected = ((score.article.key, subject) for score in scored for subject in score.subjects)
    assert counted == Counter(expected)
    assert await records(cluster, DEAD) == []
    assert _waiting(await records(cluster, STATE_DETECT)) == 0


async def _publish(cluster: ClusterLayout) -> None:
    """Send the articles over the whole time that the workers are tormented."""
    producer = AIOKafkaProducer(
        bootstrap_servers=cluster.bootstrap, enable_idempotence=True, linger_ms=5
    )
    async with producer:
        for number in range(ARTICLES):
            await _send(producer, cluster, number)
            if number % COPIES == 0:
                await _send(producer, cluster, number)
            await asyncio.sleep(0.008)


async def _send(producer: AIOKafkaProducer, cluster: ClusterLayout, number: int) -> None:
    published = datetime(2031, 3, 3, tzinfo=UTC) + timedelta(minutes=number)
    body = {
        "headline": f"{COMPANIES[number % len(COMPANIES)]} shares fall on report {number}",
        "published": published.isoformat(),
        "companies": [COMPANIES[number % len(COMPANIES)]],
    }
    key = ("idempotency-key", f"article-{number}".encode())
    await producer.send(cluster.topic("news.raw"), orjson.dumps(body), headers=[key])


async def _torment(workers: Supervisor, running: Running) -> None:
    """Kill workers one after the other; freeze one past its session timeout and thaw it."""
    await asyncio.sleep(6)
    for round_ in range(KILLS):
        if round_ == KILLS // 2:
            await _freeze(workers, running)
        await running(workers, round_ % 3)
        workers.kill(round_ % 3)
        await asyncio.sleep(SECONDS_A_KILL)


async def _freeze(workers: Supervisor, running: Running) -> None:
    pid = await running(workers, 2)
    os.killpg(pid, signal.SIGSTOP)  # the worker and the processes of its stages
    await asyncio.sleep(SESSION + 3)
    os.killpg(pid, signal.SIGCONT)


async def _settle(cluster: ClusterLayout, records: Records) -> None:
    """Wait until the detector has counted all signals, and then for stray records.

    This gives up after two minutes: the assertions say what is missing then.
    """
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        memory = await records(cluster, STATE_DETECT)
        if len(await records(cluster, SCORED)) >= ARTICLES and _waiting(memory) == 0:
            break
        await asyncio.sleep(1)
    await asyncio.sleep(SETTLE_SECONDS)


def _waiting(memory: list[Any]) -> int:
    """Return how many signals the detector has read and not yet counted; -1 before it has any."""
    latest = {record.key: record.value for record in memory}
    return int(orjson.loads(latest.get(b"r|") or b'{"waiting":-1}')["waiting"])
