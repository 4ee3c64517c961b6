"""The raw record of an article, looked up on request: the view keeps none."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from schemas.incoming.reading import Door, Reading
from schemas.sent_time import sent_at
from streams.core.errors import UnreadableBatch
from streams.core.record import Record
from streams.kafka.connection import committed_reader, started
from streams.kafka.topics import existing_counts

MAX_RECORDS: Final = 20_000
"""Records that are looked at, from those on that were sent at the same time as the article."""
MAX_SHOWN_BYTES: Final = 65_536
"""Bytes of a value that are shown."""
_SECONDS: Final = 10.0
_POLL_MS: Final = 500


class Original(NamedTuple):
    """A raw record as it is shown.

    Attributes:
        place: Topic, partition and offset.
        sent: Milliseconds since the epoch at which its producer sent it.
        key: The key as text.
        headers: Names and values of the headers as text.
        value: The first bytes of the value as text.
        size: Bytes of the value.
    """

    place: str
    sent: int
    key: str | None
    headers: list[tuple[str, str]]
    value: str
    size: int


class Originals:
    """Finds raw records, one at a time."""

    def __init__(self, cluster: ClusterLayout, door: Door) -> None:
        self._cluster = cluster
        self._door = door
        self._lock = asyncio.Lock()

    async def find(self, key: str, sent: int) -> Original | None:
        """Return the record that held the article, or None if it is not there any more.

        Args:
            key: The article's idempotency key.
            sent: Milliseconds since the epoch at which its producer sent it.

        Raises:
            KafkaError: Kafka does not answer.
            TimeoutError: It took too long.
        """
        required = required_topics(self._cluster, NEWS)
        raw = [topic for topic in required if topic.name == self._door.topic]
        async with self._lock, asyncio.timeout(_SECONDS):
            counts = await existing_counts(self._cluster, raw)
            partitions = [
                KafkaPartition(name, number)
                for name, count in counts.items()
                for number in range(count)
            ]
            async with started(committed_reader(self._cluster)) as reader:
                return await self._search(reader, partitions, key, sent) if partitions else None

    async def _search(
        self, reader: AIOKafkaConsumer, partitions: list[Any], key: str, sent: int
    ) -> Original | None:
        reader.assign(partitions)
        ends = await reader.end_offsets(partitions)
        begins = await reader.offsets_for_times(dict.fromkeys(partitions, sent))
        for partition in partitions:
            begin = begins.get(partition)
            reader.seek(partition, begin.offset if begin else ends[partition])
        looked = 0
        while looked < MAX_RECORDS:
            try:
                fetched = await reader.getmany(timeout_ms=_POLL_MS)
            except UnreadableBatch as batch:
                reader.seek(KafkaPartition(batch.topic, batch.partition), batch.end)
                continue
            for records in fetched.values():
                looked += len(records)
                if (original := self._of(records, key, sent)) is not None:
                    return original
            positions = [await reader.position(partition) for partition in partitions]
            if all(
                at >= ends[partition] for at, partition in zip(positions, partitions, strict=True)
            ):
                return None
        return None

    def _of(self, records: Iterable[Record], key: str, sent: int) -> Original | None:
        for record in records:
            if sent_at(record.headers, record.timestamp) != sent:
                continue
            results = self._door.read(record.value, record.headers)
            readings = [result for result in results if isinstance(result, Reading)]
            if any(reading.article.key == key for reading in readings):
                value = record.value or b""
                return Original(
                    f"{record.topic}/{record.partition}@{record.offset}",
                    sent,
                    None if record.key is None else _text(record.key),
                    [(name, _text(content or b"")) for name, content in record.headers],
                    _text(value[:MAX_SHOWN_BYTES]),
                    len(value),
                )
        return None


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
