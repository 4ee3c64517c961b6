"""A reader that counts the records that the workers committed, as any consumer sees them."""

import time
from collections import Counter
from typing import Any

import orjson
from aiokafka import TopicPartition as KafkaPartition

from agents.cluster_layout import ClusterLayout
from demo.account import Tally
from schemas.alert import Alert
from schemas.channels import ACCEPTED, ALERTS, DEAD, SCORED, SIGNALS
from streams.core.record import TopicPartition
from streams.kafka.connection import committed_reader

_CHANNELS = (ACCEPTED, SCORED, SIGNALS, ALERTS, DEAD)
_POLL_MS = 100


class Reader:
    """Reads all partitions from the beginning, without a group, under read_committed.

    Attributes:
        records: Number of records by topic name without prefix.
        heads: The offset after the last record by partition, transaction markers not counted.
        alerts: All alerts so far.
        last_read: The time of the last record, by `time.monotonic`.
    """

    def __init__(self, cluster: ClusterLayout) -> None:
        self._cluster = cluster
        self.records: Counter[str] = Counter()
        self.heads: dict[TopicPartition, int] = {}
        self.alerts: list[Alert] = []
        self.last_read = time.monotonic()
        self._accepted: Counter[str] = Counter()
        self._scored: Counter[str] = Counter()
        self._subjects: dict[str, tuple[str, ...]] = {}

    @property
    def quiet_seconds(self) -> float:
        """Seconds since the last record."""
        return time.monotonic() - self.last_read

    def tally(self, published: int) -> Tally:
        """Return the counts so far; ``published`` is the number of acknowledged records."""
        return Tally(
            published=published,
            accepted=dict(self._accepted),
            scored=dict(self._scored),
            dead=self.records[DEAD.topic],
            subjects=dict(self._subjects),
            signals=self.records[SIGNALS.topic],
            alerts=tuple(self.alerts),
        )

    async def read(self) -> None:
        """Read until cancelled."""
        partitions = [
            KafkaPartition(self._cluster.topic(channel.topic), partition)
            for channel in _CHANNELS
            for partition in range(self._cluster.count(channel))
        ]
        consumer = committed_reader(self._cluster)
        await consumer.start()
        try:
            consumer.assign(partitions)
            while True:
                for partition, records in (await consumer.getmany(timeout_ms=_POLL_MS)).items():
                    self._count(TopicPartition(*partition), records)
        finally:
            await consumer.stop()

    def _count(self, partition: TopicPartition, records: list[Any]) -> None:
        self.heads[partition] = records[-1].offset + 1
        self.last_read = time.monotonic()
        topic = partition.topic.removeprefix(self._cluster.prefix)
        self.records[topic] += len(records)
        for record in records:
            if topic == ACCEPTED.topic:
                self._accepted[record.key.decode()] += 1
            elif topic == SCORED.topic:
                key = record.key.decode()
                self._scored[key] += 1
                self._subjects[key] = tuple(orjson.loads(record.value)["subjects"])
            elif topic == ALERTS.topic:
                self.alerts.append(Alert.from_bytes(record.value))
