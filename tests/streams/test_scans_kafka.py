"""Scans of a topic in which transactions are open or were aborted."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from streams.core.record import TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from streams.monitoring.progress import Progress
from tests.streams.test_log_contract import SECONDS, Environment


@pytest.mark.kafka
@pytest.mark.parametrize("last", [b"after", None])
async def test_scans_see_only_what_was_committed(
    kafka: str, prefix: str, last: bytes | None
) -> None:
    """Memory would hold what never happened, or its recall wait for ever for control records."""
    cluster = Cluster(bootstrap=kafka, prefix=prefix, partitions=1)
    await create_topics(cluster, [Topic(cluster.topic(name), {}) for name in ("in", "out")])
    environment = Environment(KafkaLog(cluster), prefix)
    environment.source = TopicPartition(cluster.topic("in"), 0)
    session = await environment.open()
    await session.commit([environment.message(b"before")], 1)
    await abort(kafka, environment.out, prefix)
    expected = [b"before"]
    if last:
        await session.commit([environment.message(last)], 2)
        expected.append(last)
    assert await environment.values() == expected
    async with transactional(kafka, f"{prefix}open") as producer:
        async with asyncio.timeout(SECONDS):
            await producer.begin_transaction()
            await producer.send_and_wait(environment.out, b"open", partition=0)
            assert await environment.values() == expected
            await producer.abort_transaction()
    await session.close()


@pytest.mark.kafka
async def test_a_scan_that_hangs_says_so(kafka: str, prefix: str) -> None:
    """A recall behind an open transaction, or a frozen broker, would be silent."""
    cluster = Cluster(bootstrap=kafka, prefix=prefix, partitions=1)
    await create_topics(cluster, [Topic(cluster.topic("in"), {})])
    source, progress = TopicPartition(cluster.topic("in"), 0), Progress(patience_seconds=0.5)
    log = KafkaLog(cluster, progress)

    async def read() -> list[bytes | None]:
        end = (await log.bounds(source)).end
        scanned = log.scan(source, 0, end)
        return [record.value async for records in scanned for record in records]

    async with transactional(kafka, f"{prefix}open") as producer, asyncio.timeout(SECONDS):
        await producer.begin_transaction()
        await producer.send_and_wait(source.topic, b"open", partition=0)
        reading = asyncio.create_task(read())
        while not (overdue := progress.overdue()):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)
        assert overdue[0].what == f"records of {source.topic}-0"
        assert "transaction" in overdue[0].problem
        await producer.commit_transaction()
        assert await reading == [b"open"]
    assert progress.overdue() == []


def transactional(kafka: str, name: str) -> AIOKafkaProducer:
    """Return a producer like those of other programs."""
    return AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=name)


async def abort(kafka: str, topic: str, prefix: str) -> None:
    """Write to ``topic`` in a transaction that is aborted."""
    async with transactional(kafka, f"{prefix}aborted") as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"aborted", partition=0)
        await producer.abort_transaction()
