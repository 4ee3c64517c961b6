"""Batches follow the arrival of records: small for latency, large under load."""

import asyncio
from collections.abc import Iterable, Sequence

import pytest

from schemas.metrics.processing import TRANSACTIONS, Sample
from streams.core.record import Message, TopicPartition
from streams.core.settings import StreamSettings
from streams.faust.worker import run_stages
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from tests.streams.conftest import Counting, counting

pytestmark = pytest.mark.kafka
PARTITIONS = 2
BACKLOG = 4_000
MOST = 20
"""Calls and transactions of a backlog; one for each record would be two hundred times as many."""
SECONDS = 60


async def until(handler: Counting, count: int) -> None:
    """Wait until the handler was given so many records."""
    async with asyncio.timeout(SECONDS):
        while sum(len(values) for _, values in handler.batches) < count:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)


async def test_batches_follow_the_arrival_of_records(kafka: str, prefix: str) -> None:
    """A lone article would wait for others, or each of a backlog cost a call and a transaction."""
    cluster = Cluster(bootstrap=kafka, prefix=prefix, partitions=PARTITIONS)
    topics = [Topic(cluster.topic(name), {}) for name in ("in", "out", "dead", "state")]
    await create_topics(cluster, topics)
    handler, committed, stop = Counting(f"{prefix}out"), list[Sample](), asyncio.Event()
    source = TopicPartition(f"{prefix}in", 0)
    session = await KafkaLog(cluster).open(f"{prefix}publisher", source)

    async def publish(values: Sequence[bytes]) -> None:
        places = enumerate(values)
        sent = [Message(source.topic, b"k", value, partition=n % PARTITIONS) for n, value in places]
        await session.commit(sent, 0)

    def observe(_: str, samples: Iterable[Sample]) -> None:
        committed.extend(sample for sample in samples if sample.metric is TRANSACTIONS)

    stage = counting(prefix, handler=handler)
    worker = asyncio.create_task(run_stages([stage], cluster, StreamSettings(), stop, observe))
    for count in range(1, 4):
        await publish([b"lone"])
        await until(handler, count)
    calls, transactions = len(handler.batches), len(committed)
    await publish([b"backlog"] * BACKLOG)
    await until(handler, calls + BACKLOG)
    stop.set()
    await asyncio.wait_for(worker, SECONDS)
    await session.close()
    assert [len(values) for _, values in handler.batches[:calls]] == [1, 1, 1]
    assert len(handler.batches) - calls <= MOST
    assert len(committed) - transactions <= MOST
