"""An agent that has nothing to do: its lag is 0, and its transactional ids stay alive."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from infra.kafka.embedded import EmbeddedKafka
from streams.core.errors import SessionExpired
from streams.core.record import Message, TopicPartition
from streams.core.settings import StreamSettings
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from tests.streams.conftest import counting
from tests.streams.test_worker_kafka import publish, until, working

pytestmark = pytest.mark.kafka
SECONDS = 30
EXPIRATION_MS = 4_000
FORGETFUL = {
    "transactional.id.expiration.ms": str(EXPIRATION_MS),
    "transaction.remove.expired.transaction.cleanup.interval.ms": "500",
}


async def create(bootstrap: str, prefix: str) -> Cluster:
    """Return the broker, with the topics of a counting stage."""
    cluster = Cluster(bootstrap=bootstrap, prefix=prefix, partitions=2)
    names = ("in", "out", "dead", "state")
    await create_topics(cluster, [Topic(cluster.topic(name), {}) for name in names])
    return cluster


@pytest.fixture(scope="module")
def forgetful(jar_cache: Path) -> Iterator[str]:
    """Return a broker that forgets transactional ids after seconds."""
    with EmbeddedKafka(jar_cache, properties=FORGETFUL) as broker:
        yield broker.bootstrap


@pytest.fixture
async def producer(kafka: str, prefix: str) -> AsyncIterator[AIOKafkaProducer]:
    """Return the producer of another program that writes in transactions."""
    async with AIOKafkaProducer(
        bootstrap_servers=kafka, transactional_id=f"{prefix}producer"
    ) as producer:
        yield producer


async def lags(cluster: Cluster, group: str) -> list[int]:
    """Return the lag of ``group`` in each partition, as tools show it."""
    log, sources = KafkaLog(cluster), [TopicPartition(cluster.topic("in"), n) for n in range(2)]
    ends = [(await log.bounds(source)).end for source in sources]
    committed = [await log.committed(group, source) for source in sources]
    return [end - position for end, position in zip(ends, committed, strict=True)]


async def test_lag_is_0_at_rest(kafka: str, prefix: str, producer: AIOKafkaProducer) -> None:
    """Dashboards would show a lag for ever: of markers, and of what producers took back."""
    cluster, stage = await create(kafka, prefix), counting(prefix)
    await publish(producer, cluster, [b"a", b"b"])
    async with working(stage, cluster), asyncio.timeout(SECONDS):
        await until(cluster, 2)
        while await lags(cluster, stage.group) != [0, 0]:  # noqa: ASYNC110 - the broker tells nobody
            await asyncio.sleep(0.1)
        await publish(producer, cluster, [b"aborted"] * 50, commit=False)
        while await lags(cluster, stage.group) != [0, 0]:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)
        await publish(producer, cluster, [b"c", b"d"])
        records = await until(cluster, 4)
    assert sorted(record.value or b"" for record in records) == [b"a", b"b", b"c", b"d"]


async def test_an_idle_worker_keeps_its_transactional_ids(forgetful: str, prefix: str) -> None:
    """The first article after a quiet week would end the worker, in words that explain nothing."""
    cluster = await create(forgetful, prefix)
    settings = StreamSettings(keep_alive=EXPIRATION_MS / 8_000)
    async with (
        working(counting(prefix), cluster, settings),
        AIOKafkaProducer(bootstrap_servers=forgetful) as producer,
    ):
        await producer.send_and_wait(cluster.topic("in"), b"a", b"k", partition=0)
        await until(cluster, 1)
        await asyncio.sleep(1.5 * EXPIRATION_MS / 1_000)
        for partition in range(2):
            await producer.send_and_wait(cluster.topic("in"), b"b", b"k", partition=partition)
        records = await until(cluster, 3)
    assert len(records) == 3


@pytest.mark.parametrize("values", [[b"b"], []])
async def test_a_transactional_id_that_expired_is_named(
    forgetful: str, prefix: str, values: list[bytes]
) -> None:
    """The operator would read an assertion error of a library."""
    cluster = await create(forgetful, prefix)
    source = TopicPartition(cluster.topic("in"), 0)
    session = await KafkaLog(cluster).open(f"{prefix}group", source)
    await session.commit([Message(cluster.topic("out"), b"k", b"a")], 1)
    await asyncio.sleep(1.5 * EXPIRATION_MS / 1_000)
    messages = [Message(cluster.topic("out"), b"k", value) for value in values]
    with pytest.raises(SessionExpired, match=f"{prefix}group-{prefix}in-0.*KEEP_ALIVE"):
        await session.commit(messages, 2)
    await session.close()
    again = await KafkaLog(cluster).open(f"{prefix}group", source)
    await again.commit(messages, 2)
    await again.close()
