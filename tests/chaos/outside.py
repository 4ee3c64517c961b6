"""The topics as any consumer sees them: under read_committed, without a group."""

import asyncio
import time
from collections import Counter
from typing import Any, NamedTuple

import orjson
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import KafkaError

from agents.cluster_layout import ClusterLayout
from agents.detecting.detector_changelog import BUFFER_KEY
from schemas.channels import ACCEPTED, DEAD, SCORED, SIGNALS, STATE_DETECT, Channel
from schemas.signal import RAW_PARTITION_HEADER
from streams.core.record import Stored
from streams.kafka.connection import committed_reader
from tests.chaos.feed import Feed

_WATCHED = (ACCEPTED, SCORED, SIGNALS, DEAD, STATE_DETECT)
_POLL_MS = 100


class Lane(NamedTuple):
    """A source partition of an agent, by which service is measured."""

    agent: str
    partition: int


class Outside:
    """Reads while the workers work, and measures for how long nothing came although it should.

    Attributes:
        keys: The number of records by topic and key; of signals by key and subject.
        gap: The longest time in seconds in which nothing was committed although there was work.
        served: When each lane last committed something, by the monotonic clock.
        last_read: When the last record came.
        waiting: The number of signals that the detector has read and not counted.
    """

    def __init__(self, layout: ClusterLayout, feed: Feed) -> None:
        self._layout = layout
        self._feed = feed
        self._seen: dict[KafkaPartition, int] = {}
        self.keys: dict[str, Counter[Any]] = {channel.topic: Counter() for channel in _WATCHED}
        self.gap = 0.0
        self.served: dict[Lane, float] = {}
        self.last_read = time.monotonic()
        self.waiting = -1

    @property
    def lanes(self) -> list[Lane]:
        """All lanes."""
        partitions = range(self._layout.partitions)
        return [
            *(Lane(agent, number) for agent in ("ingest", "score") for number in partitions),
            *(Lane("detect", number) for number in range(self._layout.signal_partitions)),
        ]

    @property
    def work(self) -> int:
        """The number of records that are acknowledged and not yet scored or set aside."""
        done = len(self.keys[SCORED.topic]) + len(self.keys[DEAD.topic])
        return max(0, len(self._feed.acknowledged) - done)

    async def run(self) -> None:
        """Read until cancelled; connect again whenever that is needed."""
        while True:
            try:
                await self._read()
            except KafkaError:
                await asyncio.sleep(0.2)

    async def _read(self) -> None:
        partitions = [
            KafkaPartition(self._layout.topic(channel.topic), number)
            for channel in _WATCHED
            for number in range(self._layout.count(channel))
        ]
        async with committed_reader(self._layout) as reader:
            reader.assign(partitions)
            for partition in partitions:
                reader.seek(partition, self._seen.get(partition, 0))
            while True:
                fetched = await reader.getmany(timeout_ms=_POLL_MS)
                now, has_results = time.monotonic(), False
                for partition, records in fetched.items():
                    self._seen[partition] = records[-1].offset + 1
                    for record in records:
                        has_results |= self._count(record, now)
                if has_results or not self.work or not self.served:
                    self.last_read = now
                self.gap = max(self.gap, now - self.last_read)

    def _count(self, record: Any, now: float) -> bool:
        """Count a record; return whether it is a result."""
        topic = record.topic.removeprefix(self._layout.prefix)
        key: Any = (record.key or b"").decode(errors="replace")
        if topic == STATE_DETECT.topic:
            self.served[Lane("detect", record.partition)] = now
            if record.key == BUFFER_KEY:
                self.waiting = orjson.loads(record.value)["waiting"]
            return False
        if topic == ACCEPTED.topic:
            raw = dict(record.headers)[RAW_PARTITION_HEADER]
            self.served[Lane("ingest", int(raw))] = now
        elif topic == SCORED.topic:
            self.served[Lane("score", record.partition)] = now
        elif topic == SIGNALS.topic:
            key = (orjson.loads(record.value)["key"], key)
        self.keys[topic][key] += 1
        return True


async def committed(layout: ClusterLayout, channel: Channel) -> list[Stored]:
    """Return all committed records of a topic, partition by partition."""
    topic = layout.topic(channel.topic)
    partitions = [KafkaPartition(topic, number) for number in range(layout.count(channel))]
    records: list[Stored] = []
    async with committed_reader(layout) as reader:
        reader.assign(partitions)
        await reader.seek_to_beginning(*partitions)
        ends = await reader.end_offsets(partitions)
        while any([await reader.position(source) < ends[source] for source in partitions]):
            for fetched in (await reader.getmany(timeout_ms=200)).values():
                records += [
                    Stored(
                        record.topic,
                        record.partition,
                        record.offset,
                        record.timestamp,
                        record.key,
                        record.value,
                        record.headers,
                    )
                    for record in fetched
                ]
    return sorted(records, key=lambda record: (record.partition, record.offset))
