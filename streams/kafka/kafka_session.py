"""The session of one source partition: transactions of one producer of aiokafka.

Sources: KIP-98 (transactions and fencing), KIP-447 (aiokafka's offset commits carry no group
generation, which is why the transactional id is tied to the source partition).
"""

import asyncio
import time
from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced

from streams.batches.record_batches import group_by_partition, pack
from streams.batches.transaction_batch import BATCH_BYTES, create_batch, create_compressed_batch
from streams.core.errors import Fenced, SessionExpired
from streams.core.record import Message, TopicPartition
from streams.growth.layout import Layout
from streams.kafka.cluster import Cluster
from streams.kafka.connection import close_within
from streams.kafka.ended_producer import is_forgotten, retrieve_failures
from streams.kafka.refused_records import REFUSALS, explain_refusal
from streams.kafka.transactional_producer import TransactionalProducer
from streams.monitoring.progress import Progress
from streams.monitoring.unanswered import unanswered

CLOSE_SECONDS: Final = 5.0


def shown(source: TopicPartition) -> str:
    """Return the name of a partition for people, such as news.raw-3."""
    return f"{source.topic}-{source.partition}"


def transactional_id(group: str, source: TopicPartition) -> str:
    """Return the id that the holder of ``source`` fences all others with."""
    return f"{group}-{source.topic}-{source.partition}"


class KafkaSession:
    """See ``streams.core.log.Session``: one transactional producer.

    Keys are assigned to the partitions of the ``layout``; without it, to those that there are.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the last has a default
        self,
        producer: TransactionalProducer,
        cluster: Cluster,
        progress: Progress,
        group: str,
        source: TopicPartition,
        layout: Layout | None = None,
    ) -> None:
        self._producer = producer
        self._cluster, self._progress = cluster, progress
        self._name = transactional_id(group, source)
        self._group, self._source = group, source
        self._partition_counts = dict(layout.counts if layout else {})
        self._used = layout.used if layout else {}

    async def commit(self, messages: Sequence[Message], position: int, note: str = "") -> None:
        """See ``streams.core.log.Session``."""
        topics = {message.topic for message in messages}
        explain = partial(unanswered, self._producer.connections)
        what = f"the commit of {shown(self._source)}"
        with self._progress.waiting_for(what, *topics, explain=explain):
            await self._commit(messages, topics, position, note)

    async def _commit(
        self, messages: Sequence[Message], topics: Collection[str], position: int, note: str
    ) -> None:
        producer = self._producer
        for topic in set(topics) - self._partition_counts.keys():
            self._partition_counts[topic] = len(await producer.partitions_for(topic))
        counts, keyless = self._partition_counts, self._source.partition
        groups = group_by_partition(messages, counts, keyless, self._used)
        try:
            await producer.begin_transaction()
            offsets = {KafkaPartition(*self._source): (position, note)}
            await asyncio.gather(
                *(self._send(target, group) for target, group in groups.items()),
                producer.send_offsets_to_transaction(offsets, self._group),
            )
            await producer.commit_transaction()
        except (ProducerFenced, InvalidProducerEpoch) as error:
            retrieve_failures(producer)
            raise Fenced(
                f"another worker took over {shown(self._source)}, or a transaction outlived its "
                "timeout; nothing of it was committed and it will be processed again"
            ) from error
        except (KafkaError, AssertionError) as error:
            retrieve_failures(producer)
            if not is_forgotten(producer):
                raise
            raise SessionExpired(
                f"Kafka forgot the transactional id {self._name}, since {shown(self._source)} was "
                "idle for longer than transactional.id.expiration.ms of the broker: nothing was "
                "committed, and starting again takes the id anew. Set NEWSQUAKE_WORKER__KEEP_ALIVE "
                "to less than that"
            ) from error

    async def close(self) -> None:
        """See ``streams.core.log.Session``. A producer that can't reach its broker is abandoned."""
        await close_within(self._producer.stop(), CLOSE_SECONDS)

    async def _send(self, target: TopicPartition, messages: Sequence[Message]) -> None:
        batches = pack(messages, create_batch, create_compressed_batch, BATCH_BYTES)
        # A commit succeeds although the broker refused a batch, so each answer is waited for.
        answers = [
            await self._producer.send_batch(batch, target.topic, partition=target.partition)
            for batch in batches
        ]
        try:
            await asyncio.gather(*answers)
        except REFUSALS as error:
            raise explain_refusal(
                error, self._cluster, self._source, target, time.time()
            ) from error
