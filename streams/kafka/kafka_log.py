"""Kafka as the log that stages write: transactions of our own, in aiokafka.

Sources: KIP-98 (transactions and fencing), KIP-447 (aiokafka's offset commits carry no group
generation, which is why the transactional id is tied to the source partition).
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

from streams.core.errors import Fenced
from streams.core.record import Message, Record, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.connection import client_options, committed_reader
from streams.kafka.record_batches import group_by_partition, pack
from streams.standstill.progress import Progress

BATCH_BYTES = 768 * 1024
"""Bytes of a record batch, near the broker's default message limit of 1 MiB."""
REQUEST_BYTES = 16 * 1024 * 1024
_RETRY_MS = 10
"""Kafka 4 answers the first produce of a transaction that follows at once on another with a
retriable error; with aiokafka's default of 100 ms each of these would cost that much latency."""
_REQUEST_MS = 20_000
"""A request that is not answered by then goes out again, over a new connection."""
_CLOSE_SECONDS = 5.0
_POLL_MS = 200


class KafkaLog:
    """See ``streams.core.log.Log``."""

    def __init__(self, cluster: Cluster, progress: Progress | None = None) -> None:
        self._cluster = cluster
        self._progress = progress or Progress()

    async def open(self, group: str, source: TopicPartition) -> "KafkaSession":
        """See ``streams.core.log.Log``."""
        producer = AIOKafkaProducer(
            **client_options(self._cluster),
            transactional_id=f"{group}-{source.topic}-{source.partition}",
            transaction_timeout_ms=int(self._cluster.transaction_timeout * 1_000),
            max_batch_size=BATCH_BYTES,
            max_request_size=REQUEST_BYTES,
            retry_backoff_ms=_RETRY_MS,
            request_timeout_ms=_REQUEST_MS,
        )
        with self._progress.waiting_for(f"the lease of {_name(source)}: a transactional producer"):
            await producer.start()
        return KafkaSession(producer, group, source, self._progress)

    async def committed(self, group: str, source: TopicPartition) -> int:
        """See ``streams.core.log.Log``."""
        with self._progress.waiting_for(f"the committed offset of {_name(source)}", source.topic):
            async with committed_reader(self._cluster, group) as reader:
                reader.assign([KafkaPartition(*source)])
                return await reader.committed(KafkaPartition(*source)) or 0

    async def scan(
        self, source: TopicPartition, begin: int = 0, end: int | None = None
    ) -> AsyncIterator[Sequence[Record]]:
        """See ``streams.core.log.Log``."""
        partition = KafkaPartition(*source)
        async with committed_reader(self._cluster) as reader:
            reader.assign([partition])
            oldest = (await reader.beginning_offsets([partition]))[partition]
            reader.seek(partition, max(begin, oldest))
            if end is None:
                end = (await reader.end_offsets([partition]))[partition]
            while await reader.position(partition) < end:
                for records in (await reader.getmany(timeout_ms=_POLL_MS)).values():
                    yield [record for record in records if record.offset < end]

    async def close(self) -> None:
        """See ``streams.core.log.Log``."""


def _name(source: TopicPartition) -> str:
    return f"{source.topic}-{source.partition}"


class KafkaSession:
    """See ``streams.core.log.Session``: one transactional producer."""

    def __init__(
        self, producer: AIOKafkaProducer, group: str, source: TopicPartition, progress: Progress
    ) -> None:
        self._producer = producer
        self._progress = progress
        self._group = group
        self._source = source
        self._partition_counts: dict[str, int] = {}

    async def commit(self, messages: Sequence[Message], position: int) -> None:
        """See ``streams.core.log.Session``."""
        topics = {message.topic for message in messages}
        with self._progress.waiting_for(f"the commit of {_name(self._source)}", *topics):
            await self._commit(messages, topics, position)

    async def _commit(
        self, messages: Sequence[Message], topics: Collection[str], position: int
    ) -> None:
        producer = self._producer
        for topic in set(topics) - self._partition_counts.keys():
            self._partition_counts[topic] = len(await producer.partitions_for(topic))
        groups = group_by_partition(messages, self._partition_counts, self._source.partition)
        try:
            await producer.begin_transaction()
            offsets = {KafkaPartition(*self._source): position}
            await asyncio.gather(
                *(self._send(target, group) for target, group in groups.items()),
                producer.send_offsets_to_transaction(offsets, self._group),
            )
            await producer.commit_transaction()
        except (ProducerFenced, InvalidProducerEpoch) as error:
            raise Fenced(
                f"another worker took over {_name(self._source)}, or a transaction outlived its "
                "timeout; nothing of it was committed and it will be processed again"
            ) from error

    async def close(self) -> None:
        """See ``streams.core.log.Session``. A producer that can't reach its broker is abandoned."""
        await asyncio.wait([asyncio.ensure_future(self._producer.stop())], timeout=_CLOSE_SECONDS)

    async def _send(self, target: TopicPartition, messages: Sequence[Message]) -> None:
        batches = pack(messages, self._producer.create_batch)
        # A commit succeeds although the broker refused a batch, so each answer is waited for.
        answers = [
            await self._producer.send_batch(batch, target.topic, partition=target.partition)
            for batch in batches
        ]
        await asyncio.gather(*answers)
