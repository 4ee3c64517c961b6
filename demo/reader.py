"""Counts what the workers committed, as any consumer would see it."""

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

_READ = (ACCEPTED, SCORED, SIGNALS, ALERTS, DEAD)
_POLL_MS = 100


class Reader:
    """Reads all partitions from their beginning, in no group, under read_committed."""

    def __init__(self, cluster: ClusterLayout) -> None:
        self._cluster = cluster
        self._count = {
            cluster.topic(ACCEPTED.topic): self._accept,
            cluster.topic(SCORED.topic): self._score,
            cluster.topic(ALERTS.topic): self._alert,
        }
        self.records: Counter[str] = Counter()
        """Records, by the topic's name without prefix."""
        self.heads: dict[TopicPartition, int] = {}
        """The offset after the last record, by partition: no transaction markers counted."""
        self.alerts: list[Alert] = []
        self.last_at = time.monotonic()
        self._accepted: Counter[str] = Counter()
        self._scored: Counter[str] = Counter()
        self._subjects: dict[str, tuple[str, ...]] = {}

    @property
    def quiet_seconds(self) -> float:
        """Since the last record."""
        return time.monotonic() - self.last_at

    def tally(self, published: int) -> Tally:
        """What was read so far, beside what the broker acked to the producer."""
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
        consumer = committed_reader(self._cluster)
        await consumer.start()
        try:
            consumer.assign(self._partitions())
            while True:
                for partition, records in (await consumer.getmany(timeout_ms=_POLL_MS)).items():
                    self._take(TopicPartition(*partition), records)
        finally:
            await consumer.stop()

    def _partitions(self) -> list[KafkaPartition]:
        return [
            KafkaPartition(self._cluster.topic(channel.topic), partition)
            for channel in _READ
            for partition in range(self._cluster.count(channel))
        ]

    def _take(self, partition: TopicPartition, records: list[Any]) -> None:
        self.heads[partition] = records[-1].offset + 1
        self.last_at = time.monotonic()
        self.records[partition.topic.removeprefix(self._cluster.prefix)] += len(records)
        count = self._count.get(partition.topic)
        if count is not None:
            for record in records:
                count(record)

    def _accept(self, record: Any) -> None:
        self._accepted[record.key.decode()] += 1

    def _score(self, record: Any) -> None:
        key = record.key.decode()
        self._scored[key] += 1
        self._subjects[key] = tuple(orjson.loads(record.value)["subjects"])

    def _alert(self, record: Any) -> None:
        self.alerts.append(Alert.from_bytes(record.value))
