"""Positions against a real broker: offsets that expired, and records that retention deleted."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.protocol.admin import DeleteGroupsRequest
from structlog.testing import capture_logs

from schemas.metrics.processing import RECORDS_LOST, Sample
from streams.core.record import TopicPartition
from streams.core.settings import StreamSettings
from streams.core.stage import Stage
from streams.faust.worker import run_stages
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from tests.streams.conftest import Memory, counting
from tests.streams.test_worker_kafka import publish, read_sink, until, working

pytestmark = pytest.mark.kafka
SECONDS = 30


def remembering(prefix: str) -> Stage[Memory]:
    """Return a counting stage that remembers its position."""
    return replace(counting(prefix), positions=f"{prefix}positions")


@pytest.fixture
async def cluster(kafka: str, prefix: str) -> Cluster:
    """Return the broker, with the topics of a stage that remembers its position."""
    cluster = Cluster(bootstrap=kafka, prefix=prefix, partitions=2)
    names = ("in", "out", "dead", "state", "positions")
    await create_topics(cluster, [Topic(cluster.topic(name), {}) for name in names])
    return cluster


@pytest.fixture
async def producer(cluster: Cluster) -> AsyncIterator[AIOKafkaProducer]:
    """Return the producer of another program that writes in transactions."""
    async with AIOKafkaProducer(
        bootstrap_servers=cluster.bootstrap, transactional_id=f"{cluster.prefix}producer"
    ) as producer:
        yield producer


@pytest.fixture
async def admin(cluster: Cluster) -> AsyncIterator[AIOKafkaAdminClient]:
    """Return the client of an operator."""
    client = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await client.start()
    yield client
    await client.close()


async def forget_group(admin: AIOKafkaAdminClient, group: str) -> None:
    """Have the broker forget the offsets of ``group``, as it does after a week."""
    node = await admin.find_coordinator(group)
    response = await admin._send_request_to_node(node, DeleteGroupsRequest([group]))
    assert response.results == [(group, 0)]


async def test_a_group_whose_offsets_expired_goes_on_where_it_was(
    cluster: Cluster, producer: AIOKafkaProducer, admin: AIOKafkaAdminClient
) -> None:
    """An agent that was away for a week would write everything twice, and count it twice."""
    stage = remembering(cluster.prefix)
    await publish(producer, cluster, [b"a", b"b", b"c", b"d"])
    async with working(stage, cluster):
        await until(cluster, 4)
    await forget_group(admin, stage.group)
    await publish(producer, cluster, [b"e", b"f"])
    with capture_logs() as lines:
        async with working(remembering(cluster.prefix), cluster):
            await until(cluster, 6)
            await asyncio.sleep(0.5)
    records = await read_sink(cluster)
    assert sorted(record.value or b"" for record in records) == [b"a", b"b", b"c", b"d", b"e", b"f"]
    assert [dict(record.headers)["count"] for record in records] == [b"1", b"2", b"3"] * 2
    warnings = [line for line in lines if line["log_level"] == "warning"]
    assert {(line["topic"], line["partition"]) for line in warnings} == {
        (cluster.topic("in"), 0),
        (cluster.topic("in"), 1),
    }


async def test_a_position_behind_an_open_transaction_is_waited_for(
    cluster: Cluster, producer: AIOKafkaProducer, admin: AIOKafkaAdminClient
) -> None:
    """A worker that died in a transaction would hide how far the agents beside it had come."""
    stage = remembering(cluster.prefix)
    async with (
        working(stage, cluster),
        AIOKafkaProducer(bootstrap_servers=cluster.bootstrap) as plain,
    ):
        await plain.send_and_wait(cluster.topic("in"), b"a", b"k", partition=0)
        await until(cluster, 1)
        await producer.begin_transaction()
        await producer.send_and_wait(cluster.topic("positions"), b"{}", b"another", partition=0)
        await plain.send_and_wait(cluster.topic("in"), b"b", b"k", partition=0)
        await until(cluster, 2)
    await forget_group(admin, stage.group)
    async with working(remembering(cluster.prefix), cluster):
        await asyncio.sleep(1)
        await producer.abort_transaction()
        await publish(producer, cluster, [b"c", b"d"])
        await until(cluster, 4)
        await asyncio.sleep(0.5)
    records = await read_sink(cluster)
    assert sorted(record.value or b"" for record in records) == [b"a", b"b", b"c", b"d"]


async def test_what_retention_deleted_before_it_was_read_is_counted(
    cluster: Cluster, producer: AIOKafkaProducer, admin: AIOKafkaAdminClient
) -> None:
    """News would be missing, and nobody would learn of it."""
    await publish(producer, cluster, [b"a", b"b"])
    async with working(remembering(cluster.prefix), cluster):
        await until(cluster, 2)
    await publish(producer, cluster, [b"%d" % number for number in range(20)])
    source = TopicPartition(cluster.topic("in"), 0)
    await admin.delete_records({KafkaPartition(*source): RecordsToDelete(before_offset=7)})
    samples: list[Sample] = []
    stop = asyncio.Event()
    stage = remembering(cluster.prefix)
    with capture_logs() as lines:
        worker = asyncio.create_task(
            run_stages(
                [stage], cluster, StreamSettings(), stop, lambda _, these: samples.extend(these)
            )
        )
        await until(cluster, 2 + 10 + 5)
        stop.set()
        await worker
    (line,) = [line for line in lines if line["log_level"] == "error"]
    # A record and the marker of its transaction were read before, ten records came after.
    facts = {name: line[name] for name in ("topic", "partition", "from", "to", "count")}
    assert facts == {**source._asdict(), "from": 1, "to": 7, "count": 6}
    lost = [sample.value for sample in samples if sample.metric is RECORDS_LOST]
    assert [value for value in lost if value] == [6]


async def test_retention_that_overtakes_a_running_worker_is_counted(
    cluster: Cluster, producer: AIOKafkaProducer, admin: AIOKafkaAdminClient
) -> None:
    """A worker that lags would lose news in silence."""
    source = TopicPartition(cluster.topic("in"), 0)
    with capture_logs() as lines:
        async with working(remembering(cluster.prefix), cluster):
            await publish(producer, cluster, [b"a", b"b"])
            await until(cluster, 2)
            # An open transaction is not read; it stands for what a slow worker has not read yet.
            await producer.begin_transaction()
            await producer.send_and_wait(source.topic, b"lost", partition=0)
            start = (await KafkaLog(cluster).bounds(source)).end
            await admin.delete_records({KafkaPartition(*source): RecordsToDelete(start)})
            async with asyncio.timeout(SECONDS):
                while not any("retention" in line["event"] for line in lines):  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.05)
            await producer.commit_transaction()
            await publish(producer, cluster, [b"c", b"d"])
            records = await until(cluster, 4)
    assert sorted(record.value or b"" for record in records) == [b"a", b"b", b"c", b"d"]
    (line,) = [line for line in lines if line["log_level"] == "error"]
    assert (line["topic"], line["partition"], line["to"]) == (*source, start)
