"""Stages on Faust against a real broker: each record once, through stops, aborts and bugs."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.core.record import Record, TopicPartition
from streams.core.settings import StreamSettings
from streams.core.stage import Stage
from streams.faust.worker import run_stages
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from streams.monitoring.metrics_hook import MetricsHook, ignore_samples
from tests.streams.conftest import Memory, counting

pytestmark = pytest.mark.kafka
PARTITIONS = 2
LARGE = 3 << 20
SECONDS = 45
RUN = """
import asyncio, os, sys
from streams.core.handler import Handler
from streams.kafka.cluster import Cluster
from streams.core.stage import Stage
from streams.core.settings import StreamSettings
from streams.faust.worker import run_stages

class Deciding(Handler):
    def recall(self, partition, entries):
        return None
    async def handle(self, batches):
        return [decide() for _ in batches]

bootstrap, prefix = sys.argv[1:]
stage = Stage("stage", f"{prefix}group", f"{prefix}in", Deciding(), f"{prefix}dead")
cluster = Cluster(bootstrap=bootstrap, prefix=prefix, partitions=2)
try:
    asyncio.run(run_stages([stage], cluster, StreamSettings(standstill=2.0), asyncio.Event()))
except Exception as error:
    print(error, file=sys.stderr, flush=True)
    os._exit(1)  # Faust's thread would keep the process alive
"""
BUG = """
def decide():
    raise ZeroDivisionError("a bug in the handler")
"""
FORGETFUL = """
from streams.core.handler import Decision as decide
from streams.faust.leasing_consumer import LeasingConsumer as Consumer
resume = Consumer.resume_partitions
Consumer.resume_partitions = lambda self, tps: resume(self, {tp for tp in tps if not tp.partition})
"""


def _process(code: str, cluster: Cluster) -> "subprocess.CompletedProcess[str]":
    """Run ``code`` and then a worker, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code + RUN, cluster.bootstrap, cluster.prefix],
        capture_output=True, text=True, timeout=SECONDS, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


@pytest.fixture
async def cluster(kafka: str, prefix: str) -> Cluster:
    """Return the broker, with the topics of a counting stage."""
    cluster = Cluster(bootstrap=kafka, prefix=prefix, partitions=PARTITIONS)
    config = {"max.message.bytes": str(2 * LARGE)}
    names = ("in", "out", "dead", "state")
    await create_topics(cluster, [Topic(cluster.topic(name), config) for name in names])
    return cluster


@pytest.fixture
async def producer(cluster: Cluster) -> AsyncIterator[AIOKafkaProducer]:
    """Return the producer of another program that writes in transactions."""
    async with AIOKafkaProducer(
        bootstrap_servers=cluster.bootstrap,
        transactional_id=f"{cluster.prefix}producer",
        max_request_size=2 * LARGE,
    ) as producer:
        yield producer


async def publish(
    producer: AIOKafkaProducer, cluster: Cluster, sent: Sequence[bytes], *, commit: bool = True
) -> None:
    """Write ``sent`` in one transaction, to partition 0 and 1 in turns."""
    await producer.begin_transaction()
    futures = [
        await producer.send(cluster.topic("in"), value, b"%d" % (index % 2), partition=index % 2)
        for index, value in enumerate(sent)
    ]
    await asyncio.gather(*futures)
    await (producer.commit_transaction() if commit else producer.abort_transaction())


@asynccontextmanager
async def working(
    stage: Stage[Memory],
    cluster: Cluster,
    settings: StreamSettings | None = None,
    observe: MetricsHook = ignore_samples,
) -> AsyncIterator[None]:
    """Run a worker in this process until the block ends; its failure is the test's."""
    stop = asyncio.Event()
    worker = asyncio.create_task(
        run_stages([stage], cluster, settings or StreamSettings(), stop, observe)
    )
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(worker, SECONDS)


async def read_sink(cluster: Cluster) -> list[Record]:
    """Return the records that consumers of the sink see."""
    log, topic = KafkaLog(cluster), cluster.topic("out")
    sources = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    return [record for source in sources async for batch in log.scan(source) for record in batch]


async def until(cluster: Cluster, count: int) -> list[Record]:
    """Wait until consumers of the sink see at least ``count`` records, and return them."""
    async with asyncio.timeout(SECONDS):
        while len(records := await read_sink(cluster)) < count:  # noqa: ASYNC110 - it is on the broker
            await asyncio.sleep(0.2)
    return records


async def committed(cluster: Cluster, group: str) -> list[int]:
    """Return the group's offsets in the source."""
    source, log = cluster.topic("in"), KafkaLog(cluster)
    return [
        await log.committed(group, TopicPartition(source, number)) for number in range(PARTITIONS)
    ]


async def test_aborted_records_never_reach_the_sink(
    cluster: Cluster, producer: AIOKafkaProducer
) -> None:
    """What a producer took back would raise alerts: Faust by itself reads it."""
    await publish(producer, cluster, [b"a", b"b"])
    await publish(producer, cluster, [b"aborted"] * 100, commit=False)
    await publish(producer, cluster, [b"c", b"d"])
    async with working(counting(cluster.prefix), cluster):
        await until(cluster, 4)
        await publish(producer, cluster, [b"aborted"] * 100, commit=False)
        await publish(producer, cluster, [b"e", b"f"])
        await until(cluster, 6)
    records = await read_sink(cluster)
    assert sorted(record.value or b"" for record in records) == [b"a", b"b", b"c", b"d", b"e", b"f"]


async def test_each_record_counts_once_over_a_stop(
    cluster: Cluster,
    producer: AIOKafkaProducer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopping a worker to upgrade it would lose articles, double them, or reset its memory."""
    commits: list[Any] = []

    async def spy(_: AIOKafkaConsumer, offsets: Any = None) -> None:
        commits.append(offsets)

    monkeypatch.setattr(AIOKafkaConsumer, "commit", spy)
    sent = [b"%d" % number for number in range(6_000)]
    await publish(producer, cluster, sent[:4_000])
    async with working(counting(cluster.prefix), cluster):
        await until(cluster, 1)
    await publish(producer, cluster, sent[4_000:])
    again = counting(cluster.prefix)
    async with working(again, cluster):
        await until(cluster, len(sent))
    records = await read_sink(cluster)
    for key in (b"0", b"1"):
        of_key = [record for record in records if record.key == key]
        assert [record.value for record in of_key] == sent[int(key) :: 2]
        assert [int(dict(record.headers)["count"]) for record in of_key] == list(range(1, 3_001))
    # 3000 records and the first transaction's marker; an idle worker also commits the second's
    assert set(await committed(cluster, again.group)) <= {3_001, 3_002}
    assert commits == []


async def test_records_over_a_megabyte_pass(cluster: Cluster, producer: AIOKafkaProducer) -> None:
    """One long filing would stop its partition, where the topics allow it."""
    large = random.Random(7).randbytes(LARGE)
    await publish(producer, cluster, [b"a", b"b", large, b"c"])
    async with working(counting(cluster.prefix), cluster):
        records = await until(cluster, 4)
    assert sorted(len(record.value or b"") for record in records) == [1, 1, 1, LARGE]
    assert large in [record.value for record in records]


async def test_a_partition_that_is_held_and_not_read_ends_the_worker(
    cluster: Cluster, producer: AIOKafkaProducer
) -> None:
    """Half of the news would wait for ever, in a worker that looks alive."""
    await publish(producer, cluster, [b"a", b"b"])
    done = await asyncio.to_thread(_process, FORGETFUL, cluster)
    assert done.returncode == 1
    expected = f"{cluster.topic('in')}-1: records wait and are not read; starting again reads them"
    # Faust's thread may have something to say after it, when the process ends around it.
    assert expected in done.stderr
    first, second = await committed(cluster, f"{cluster.prefix}group")
    assert (first in {1, 2}, second) == (True, 0)  # an idle worker also commits the marker


async def test_a_worker_with_nothing_to_read_stands_still_and_lives(
    cluster: Cluster, producer: AIOKafkaProducer
) -> None:
    """A quiet night, or one that ends in an aborted transaction, would restart all workers."""
    await publish(producer, cluster, [b"a", b"b"])
    async with working(counting(cluster.prefix), cluster, StreamSettings(standstill=0.5)):
        await until(cluster, 2)
        await publish(producer, cluster, [b"aborted"] * 4, commit=False)
        await asyncio.sleep(2)
        await publish(producer, cluster, [b"c", b"d"])
        await until(cluster, 4)


async def test_a_bug_in_the_handler_ends_the_process(
    cluster: Cluster, producer: AIOKafkaProducer
) -> None:
    """A worker would look alive and do nothing, or skip what it could not handle."""
    await publish(producer, cluster, [b"a", b"b"])
    done = await asyncio.to_thread(_process, BUG, cluster)
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("a bug in the handler")
    assert (await read_sink(cluster), await committed(cluster, f"{cluster.prefix}group")) == (
        [],
        [0, 0],
    )
