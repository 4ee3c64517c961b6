"""A log in memory that behaves as Kafka does, as far as stages can tell.

It passes the same contract suite as Kafka, so that handlers and the pump can be tested in
milliseconds. Not for production: nothing outlives the process.
"""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.core.errors import Fenced, Misconfigured
from streams.core.record import Headers, Message, TopicPartition
from streams.kafka.record_batches import spread


class Stored(NamedTuple):
    """A record in the log."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(slots=True)
class MemoryLog:
    """Topics made on first use, with ``partitions`` partitions where ``counts`` has no other."""

    partitions: int = 4
    topics: frozenset[str] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    _records: dict[TopicPartition, list[Stored]] = field(default_factory=lambda: defaultdict(list))
    _epochs: dict[tuple[str, TopicPartition], int] = field(default_factory=lambda: defaultdict(int))
    _committed: dict[tuple[str, TopicPartition], int] = field(default_factory=dict)

    def append(self, messages: Sequence[Message], keyless: int = 0) -> None:
        """Write ``messages`` in order."""
        counts = {message.topic: self.count(message.topic) for message in messages}
        for partition, own in spread(messages, counts, keyless).items():
            for message in own:
                self._store(message, partition.partition)

    def count(self, topic: str) -> int:
        """Return the number of partitions of ``topic``."""
        return self.counts.get(topic, self.partitions)

    def read(self, topic: str) -> list[Stored]:
        """All records of ``topic``, partition by partition."""
        parts = (self._records[TopicPartition(topic, part)] for part in range(self.count(topic)))
        return [record for part in parts for record in part]

    def after(self, source: TopicPartition, position: int, limit: int) -> list[Stored]:
        """At most ``limit`` records of ``source`` from ``position`` on."""
        return self._records[source][position : position + limit]

    async def open(self, group: str, source: TopicPartition) -> "MemorySession":
        """See ``streams.core.log.Log``."""
        self._epochs[group, source] += 1
        return MemorySession(self, group, source, self._epochs[group, source])

    async def committed(self, group: str, source: TopicPartition) -> int:
        """See ``streams.core.log.Log``."""
        return self._committed.get((group, source), 0)

    async def scan(
        self, source: TopicPartition, begin: int = 0, end: int | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """See ``streams.core.log.Log``."""
        if records := tuple(self._records[source][begin:end]):
            yield records

    async def close(self) -> None:
        """See ``streams.core.log.Log``."""

    def _store(self, message: Message, partition: int) -> None:
        self._check(message.topic)
        part = self._records[TopicPartition(message.topic, partition)]
        stamp = time.time_ns() // 1_000_000 if message.timestamp is None else message.timestamp
        part.append(
            Stored(
                message.topic,
                partition,
                len(part),
                stamp,
                message.key,
                message.value,
                tuple(message.headers),
            )
        )

    def _check(self, topic: str) -> None:
        if self.topics is not None and topic not in self.topics:
            raise Misconfigured(f"no topic {topic}: create it with `newsquake topics create`")


@dataclass(slots=True)
class MemorySession:
    """See ``streams.core.log.Session``."""

    log: MemoryLog
    group: str
    source: TopicPartition
    epoch: int

    async def commit(self, messages: Sequence[Message], position: int) -> None:
        """See ``streams.core.log.Session``."""
        if self.log._epochs[self.group, self.source] != self.epoch:  # noqa: SLF001 - one unit
            raise Fenced(f"{self.source} is held by a later session")
        for message in messages:
            self.log._check(message.topic)  # noqa: SLF001 - all or nothing
        self.log.append(messages, keyless=self.source.partition)
        self.log._committed[self.group, self.source] = position  # noqa: SLF001 - one unit

    async def close(self) -> None:
        """See ``streams.core.log.Session``."""
