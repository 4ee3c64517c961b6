"""Reads the topics into the view, as any consumer sees them, and goes on after an outage."""

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import KafkaError

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from dashboard.problem import problem_of
from dashboard.view.news_view import READ, NewsView
from schemas.channels import SILENCES
from streams.core.errors import Misconfigured, UnreadableBatch
from streams.kafka.connection import close_within, committed_reader
from streams.kafka.topics import partition_counts
from streams.monitoring.diagnosis import errors_explained

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = structlog.get_logger(__name__)
_POLL_MS: Final = 200
_MAX_RECORDS: Final = 500
"""Records that are taken in at a time: the pages are served between two times."""
_LOOK_SECONDS: Final = 20.0
"""Seconds between two looks for new partitions, and for whether the broker still answers."""
_ANSWER_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 1.0
_PROOF_SECONDS: Final = 1.0
"""Time of reading that proves that all may be read: the first fetches tell what may not."""

State = Literal["connecting", "reading", "live", "away"]
"""Not yet connected; reading what was written before; reading what comes; the broker is away."""


class Feed:
    """Reads all partitions, without a group, under read_committed.

    Attributes:
        state: What it is doing.
        problem: Why nothing is read, in words; empty if all is well.
        share: Share of what was written before the start that has been read, 0 to 1.
    """

    def __init__(self, cluster: ClusterLayout, view: NewsView, history: timedelta) -> None:
        self.state: State = "connecting"
        self.problem = ""
        self.share = 0.0
        self._cluster = cluster
        self._topics = frozenset(cluster.topic(channel.topic) for channel in READ)
        self._view = view
        self._since = int((time.time() - history.total_seconds()) * 1000)
        self._positions: dict[KafkaPartition, int] = {}
        self._begins: dict[KafkaPartition, int] = {}
        self._ends: Mapping[KafkaPartition, int] = {}
        self._connected_at = 0.0

    async def read(self) -> None:
        """Read until cancelled; connect again after every failure."""
        while True:
            consumer = committed_reader(self._cluster)
            try:
                async with errors_explained(self._cluster, self._topics):
                    await consumer.start()
                    self._connected_at = time.monotonic()
                    while True:
                        await self._assign(consumer)
                        await self._read_for(consumer, _LOOK_SECONDS)
            except (KafkaError, Misconfigured, OSError, TimeoutError) as error:
                self.problem = problem_of(error, self._cluster)
                if self.state != "away":
                    _log.warning("the dashboard reads nothing", problem=self.problem)
                self.state = "away"
            finally:
                await close_within(consumer.stop(), _ANSWER_SECONDS)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _assign(self, consumer: AIOKafkaConsumer) -> None:
        """Assign all partitions that there are now, each where reading goes on."""
        required = required_topics(self._cluster, NEWS)
        topics = [topic for topic in required if topic.name in self._topics]
        counts = await asyncio.wait_for(partition_counts(self._cluster, topics), _ANSWER_SECONDS)
        partitions = [
            KafkaPartition(topic, number)
            for topic, count in counts.items()
            for number in range(count)
        ]
        is_new = set(partitions) != consumer.assignment()
        if is_new:
            consumer.assign(partitions)
        fresh = [partition for partition in partitions if partition not in self._positions]
        ends = await asyncio.wait_for(consumer.end_offsets(partitions), _ANSWER_SECONDS)
        if fresh:
            times = {partition: self._begin(partition) for partition in fresh}
            offsets = await asyncio.wait_for(consumer.offsets_for_times(times), _ANSWER_SECONDS)
            for partition in fresh:
                offset = offsets.get(partition)
                begin = ends[partition] if offset is None else offset.offset
                self._positions[partition] = self._begins[partition] = begin
            self._ends = ends
        for partition in partitions if is_new else ():
            consumer.seek(partition, self._positions[partition])
        if self.state == "connecting":
            self.state = "reading"

    def _begin(self, partition: KafkaPartition) -> int:
        """Return the time in milliseconds from which on records are read: a silence may be old."""
        is_whole = partition.topic == self._cluster.topic(SILENCES.topic)
        return 0 if is_whole else self._since

    async def _read_for(self, consumer: AIOKafkaConsumer, seconds: float) -> None:
        """Take in records for ``seconds``; let time pass in the view when there are none."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                fetched = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_MAX_RECORDS)
            except UnreadableBatch as batch:
                partition = KafkaPartition(batch.topic, batch.partition)
                consumer.seek(partition, batch.end)
                self._positions[partition] = batch.end
                self._view.unreadable += 1
                continue
            for partition, records in fetched.items():
                topic = partition.topic.removeprefix(self._cluster.prefix)
                for record in records:
                    self._view.take(topic, record)
                self._positions[partition] = records[-1].offset + 1
            for partition in self._positions:
                # Behind the last record are the markers of transactions, which are no records.
                self._positions[partition] = await consumer.position(partition)
            if time.monotonic() - self._connected_at >= _PROOF_SECONDS:
                self.state = "live" if self._has_caught_up() else "reading"
                self.problem = ""
            wall = int(time.time() * 1000)
            if fetched:
                self._view.end_silence(wall)
            elif self.state == "live":
                self._view.wait(wall)

    def _has_caught_up(self) -> bool:
        """Return whether all that was written before the start is read; note its share."""
        total = sum(max(0, end - self._begins[at]) for at, end in self._ends.items())
        left = sum(max(0, end - self._positions[at]) for at, end in self._ends.items())
        self.share = 1.0 - left / total if total else 1.0
        return left == 0
