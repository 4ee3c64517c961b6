"""Read and write the layout record of a cluster."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

from streams.core.errors import Fenced, Misconfigured, UnreadableBatch
from streams.growth.layout import LAYOUT_KEY, Layout
from streams.kafka.cluster import Cluster
from streams.kafka.connection import client_options, committed_reader, new_producer
from streams.kafka.transactional_producer import TransactionalProducer
from streams.positions.landmarks import positions_damaged

_BATCH_BYTES = 768 * 1024
"""Bytes of a record batch, near the broker's default message limit of 1 MiB."""
_REQUEST_BYTES = 16 << 20
_POLL_MS = 200
_RETRY_MS = 10


async def read_layout(cluster: Cluster, positions: str) -> Layout | None:
    """Return the layout of the cluster; None if none was ever written.

    ``positions`` is the topic of positions, which must exist.

    Raises:
        Misconfigured: It can't be read as a whole.
    """
    partition, value = KafkaPartition(positions, 0), None
    try:
        async with committed_reader(cluster) as reader:
            reader.assign([partition])
            await reader.seek_to_beginning(partition)
            end = (await reader.end_offsets([partition]))[partition]
            while await reader.position(partition) < end:
                for records in (await reader.getmany(timeout_ms=_POLL_MS)).values():
                    for record in records:
                        value = record.value if record.key == LAYOUT_KEY else value
    except UnreadableBatch as batch:
        raise positions_damaged(batch) from batch
    return Layout.from_bytes(value) if value else None


@asynccontextmanager
async def layout_writer(cluster: Cluster) -> AsyncIterator[AIOKafkaProducer]:
    """Open the producer that alone may change the layout, and move what depends on it.

    Whoever opened it before is fenced (KIP-98).

    Raises:
        Fenced: Another command opened it meanwhile.
    """
    producer = TransactionalProducer(
        **client_options(cluster),
        transactional_id=cluster.topic("newsquake-layout"),
        transaction_timeout_ms=int(cluster.transaction_timeout * 1_000),
        max_batch_size=_BATCH_BYTES,
        max_request_size=_REQUEST_BYTES,
        retry_backoff_ms=_RETRY_MS,
    )
    try:
        await producer.start()
        yield producer
    except (ProducerFenced, InvalidProducerEpoch) as error:
        raise Fenced(
            "another `newsquake topics` command changes the topics too: wait until it has ended, "
            "then run this one again"
        ) from error
    finally:
        await producer.stop()


async def write_layout(producer: AIOKafkaProducer, positions: str, layout: Layout) -> None:
    """Write the layout record in a transaction."""
    async with producer.transaction():
        await producer.send_and_wait(positions, layout.to_bytes(), LAYOUT_KEY, partition=0)


async def remember_layout(cluster: Cluster, positions: str, layout: Layout) -> Layout:
    """Write the first layout record, or add topics to the one that there is; return it.

    This needs no transaction: topics are created on clusters that have none yet.

    Raises:
        Misconfigured: The topics are being grown, or a backup is being imported.
    """
    before = await read_layout(cluster, positions)
    if before and before.obstacle:
        raise Misconfigured(before.obstacle)
    after = before._replace(counts={**layout.counts, **before.counts}) if before else layout
    if after != before:
        async with new_producer(cluster, acks="all") as producer:
            await producer.send_and_wait(positions, after.to_bytes(), LAYOUT_KEY, partition=0)
    return after
