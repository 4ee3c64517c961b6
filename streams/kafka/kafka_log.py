"""Kafka as the log that stages write: transactions of our own, in aiokafka.

Sources: KIP-98 (transactions and fencing), KIP-447 (why the transactional id is tied to the source
partition: aiokafka's offset commits carry no group generation).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

from streams.core.errors import Fenced
from streams.core.record import Message, Record, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.connection import client_options
from streams.kafka.record_batches import Spread, pack, spread

BATCH_BYTES = 768 * 1024
REQUEST_BYTES = 16 * 1024 * 1024
_RETRY_MS = 10
"""Kafka 4 answers the first produce of a transaction that follows at once on another with a
retriable error; with aiokafka's default of 100 ms each of these would cost that much latency."""
_CLOSE_SECONDS = 5.0


class KafkaLog:
    """See ``streams.core.log.Log``."""

    def __init__(self, cluster: Cluster, transaction_seconds: float = 60.0) -> None:
        self._cluster = cluster
        self._transaction_ms = int(transaction_seconds * 1000)

    async def open(self, group: str, source: TopicPartition) -> "KafkaSession":
        """See ``streams.core.log.Log``."""
        producer = AIOKafkaProducer(
            **client_options(self._cluster),
            transactional_id=f"{group}-{source.topic}-{source.partition}",
            transaction_timeout_ms=self._transaction_ms,
            max_batch_size=BATCH_BYTES,
            max_request_size=REQUEST_BYTES,
            retry_backoff_ms=_RETRY_MS,
        )
        await producer.start()
        return KafkaSession(producer, group, source)

    async def committed(self, group: str, source: TopicPartition) -> int:
        """See ``streams.core.log.Log``."""
        async with self._reader(group) as consumer:
            consumer.assign([KafkaPartition(*source)])
            return await consumer.committed(KafkaPartition(*source)) or 0

    async def scan(
        self, source: TopicPartition, begin: int = 0, end: int | None = None
    ) -> AsyncIterator[Sequence[Record]]:
        """See ``streams.core.log.Log``."""
        partition = KafkaPartition(*source)
        async with self._reader(None) as consumer:
            consumer.assign([partition])
            kept = (await consumer.beginning_offsets([partition]))[partition]
            consumer.seek(partition, max(begin, kept))
            if end is None:
                end = (await consumer.end_offsets([partition]))[partition]
            while await consumer.position(partition) < end:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    yield [record for record in records if record.offset < end]

    async def close(self) -> None:
        """See ``streams.core.log.Log``."""

    def _reader(self, group: str | None) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **client_options(self._cluster),
            group_id=group,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )


class KafkaSession:
    """See ``streams.core.log.Session``: one transactional producer."""

    def __init__(self, producer: AIOKafkaProducer, group: str, source: TopicPartition) -> None:
        self._producer = producer
        self._group = group
        self._source = source
        self._counts: dict[str, int] = {}

    async def commit(self, messages: Sequence[Message], position: int) -> None:
        """See ``streams.core.log.Session``."""
        try:
            await self._transaction(await self._spread(messages), position)
        except (ProducerFenced, InvalidProducerEpoch) as error:
            source = f"{self._source.topic}-{self._source.partition}"
            raise Fenced(
                f"another worker took over {source}, or a transaction outlived its timeout; "
                "nothing of it was committed and it will be processed again"
            ) from error

    async def close(self) -> None:
        """See ``streams.core.log.Session``. A producer that can't reach its broker is abandoned."""
        await asyncio.wait([asyncio.ensure_future(self._producer.stop())], timeout=_CLOSE_SECONDS)

    async def _transaction(self, parts: Spread, position: int) -> None:
        producer = self._producer
        await producer.begin_transaction()
        offsets = {KafkaPartition(*self._source): position}
        await asyncio.gather(
            *(self._send(to, messages) for to, messages in parts.items()),
            producer.send_offsets_to_transaction(offsets, self._group),
        )
        await producer.commit_transaction()

    async def _send(self, to: TopicPartition, messages: Sequence[Message]) -> None:
        batches = pack(messages, self._producer.create_batch)
        sent = [
            await self._producer.send_batch(batch, to.topic, partition=to.partition)
            for batch in batches
        ]
        await asyncio.gather(*sent)

    async def _spread(self, messages: Sequence[Message]) -> Spread:
        for topic in {message.topic for message in messages} - self._counts.keys():
            self._counts[topic] = len(await self._producer.partitions_for(topic))
        return spread(messages, self._counts, self._source.partition)
