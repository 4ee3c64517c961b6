"""Real workers on a real broker, killed and frozen while they work.

Five kills and a freeze, or as many kills as fit into `CHAOS_SECONDS` (`make chaos` sets it).
"""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition

from agents.topics import topics
from detection.state import State
from infra.backoff import Backoff
from infra.supervisor import Command, Supervisor
from schemas.scored import ScoredArticle
from streams.cluster import Cluster
from streams.topics import create

SECONDS_A_KILL = 3
KILLS = max(5, int(os.environ.get("CHAOS_SECONDS", "0")) // SECONDS_A_KILL)
ARTICLES = 600 * KILLS
COPIES = 7  # every seventh article is sent twice
SESSION = 6.0
COMPANIES = [f"CH{number:02}" for number in range(20)]
SETTLE_SECONDS = 4


@pytest.fixture
def cluster(kafka: str, prefix: str) -> Cluster:
    """Topics of this test's own."""
    return Cluster(bootstrap=kafka, prefix=prefix)


@pytest.fixture
def workers(cluster: Cluster, tmp_path: Path) -> Iterator[Supervisor]:
    """Three workers that are started again whenever they die."""
    environ = {
        **os.environ,
        "NEWSQUAKE_KAFKA__BOOTSTRAP": cluster.bootstrap,
        "NEWSQUAKE_KAFKA__PREFIX": cluster.prefix,
        "NEWSQUAKE_NLP__MODEL": "lexicon",
        "NEWSQUAKE_DETECT__IDLE_TIMEOUT": "2",
        "NEWSQUAKE_WORKER__SESSION_TIMEOUT": str(SESSION),
    }
    argv = [str(Path(sys.executable).with_name("newsquake")), "worker"]
    commands = [
        Command(f"worker-{number}", argv, environ, tmp_path / f"worker-{number}.log")
        for number in range(3)
    ]
    backoff = Backoff(first=0.2, longest=1.0, budget=50 * KILLS)
    with Supervisor(commands, backoff=backoff) as supervisor:
        yield supervisor
    for command in commands:  # shown by pytest when the test fails
        print(command.name, command.log.read_text()[-3000:] if command.log else "")  # noqa: T201


@pytest.mark.kafka
@pytest.mark.chaos
async def test_workers_that_die_and_freeze_neither_lose_nor_repeat_an_article(
    cluster: Cluster, request: pytest.FixtureRequest
) -> None:
    """Kill -9 and a zombie would otherwise cost a desk an alert, or count bad news twice."""
    await create(cluster, topics(cluster, timedelta(days=7)))
    workers: Supervisor = request.getfixturevalue("workers")
    publishing = asyncio.create_task(_publish(cluster))
    await _torment(workers)
    await publishing
    await _settle(cluster)
    assert sum(worker.restarts for worker in workers.status) >= KILLS

    scored = [ScoredArticle.from_bytes(value) for value in await _read(cluster, "news.scored")]
    ids = Counter(article.article.key for article in scored)
    assert set(ids) == {f"article-{number}" for number in range(ARTICLES)}
    assert max(ids.values()) == 1
    assert await _counted(cluster) == Counter(s for article in scored for s in article.subjects)
    assert await _read(cluster, "news.dead") == []


async def _publish(cluster: Cluster) -> None:
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


async def _send(producer: AIOKafkaProducer, cluster: Cluster, number: int) -> None:
    published = datetime(2031, 3, 3, tzinfo=UTC) + timedelta(minutes=number)
    body = {
        "headline": f"{COMPANIES[number % len(COMPANIES)]} shares fall on report {number}",
        "published": published.isoformat(),
        "companies": [COMPANIES[number % len(COMPANIES)]],
    }
    key = ("idempotency-key", f"article-{number}".encode())
    await producer.send(cluster.topic("news.raw"), orjson.dumps(body), headers=[key])


async def _torment(workers: Supervisor) -> None:
    """Kill workers one after the other; freeze one past its session timeout and thaw it."""
    await asyncio.sleep(6)
    for round_ in range(KILLS):
        if round_ == KILLS // 2:
            await _freeze(workers)
        await _running(workers, round_ % 3)
        workers.kill(round_ % 3)
        await asyncio.sleep(SECONDS_A_KILL)


async def _freeze(workers: Supervisor) -> None:
    pid = await _running(workers, 2)
    os.killpg(pid, signal.SIGSTOP)  # the worker and the processes of its stages
    await asyncio.sleep(SESSION + 3)
    os.killpg(pid, signal.SIGCONT)


async def _running(workers: Supervisor, index: int) -> int:
    while (pid := workers.status[index].pid) is None:  # noqa: ASYNC110 - another thread's work
        await asyncio.sleep(0.1)
    return pid


async def _settle(cluster: Cluster) -> None:
    """Wait until the detector has counted what was scored, and then for what should not come.

    Gives up after two minutes: what is missing then, the assertions say.
    """
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        scored = [ScoredArticle.from_bytes(value) for value in await _read(cluster, "news.scored")]
        due = Counter(subject for article in scored for subject in article.subjects)
        if len(scored) >= ARTICLES and await _counted(cluster) == due:
            break
        await asyncio.sleep(1)
    await asyncio.sleep(SETTLE_SECONDS)


async def _counted(cluster: Cluster) -> dict[str, int]:
    states = [
        State.from_bytes(value)
        for key, value in (await _memory(cluster)).items()
        if key.startswith(b"s|")
    ]
    return {state.subject: state.signals for state in states}


async def _memory(cluster: Cluster) -> dict[bytes, bytes]:
    latest = {key: value async for _, key, value in _records(cluster, "state.detect")}
    return {key: value for key, value in latest.items() if value is not None}


async def _read(cluster: Cluster, name: str) -> list[bytes]:
    return [value async for _, _, value in _records(cluster, name)]


async def _records(cluster: Cluster, name: str) -> AsyncIterator[tuple[int, bytes, bytes]]:
    parts = _partitions(cluster, name)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=cluster.bootstrap, isolation_level="read_committed"
    )
    async with consumer:
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        ends = await consumer.end_offsets(parts)
        while any([await consumer.position(part) < ends[part] for part in parts]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    yield record.partition, record.key, record.value


def _partitions(cluster: Cluster, name: str) -> list[KafkaPartition]:
    return [KafkaPartition(cluster.topic(name), part) for part in range(cluster.partitions)]
