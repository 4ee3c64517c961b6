"""A log in memory that behaves as Kafka does, as far as stages can tell.

It passes the same contract suite as Kafka, so that handlers and the pump can be tested in
milliseconds. Not for production: nothing outlives the process.
"""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from streams.batches.record_batches import group_by_partition
from streams.core.errors import Fenced, Misconfigured
from streams.core.log import Bounds
from streams.core.record import Message, Stored, TopicPartition


@dataclass(slots=True)
class MemoryLog:
    """See ``streams.core.log.Log``.

    Attributes:
        partitions: The number of partitions of a topic that ``counts`` does not name.
        topics: The topics that exist; None if every topic is created on first use.
        counts: The number of partitions, by topic.
    """

    partitions: int = 4
    topics: frozenset[str] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    _records: dict[TopicPartition, list[Stored]] = field(default_factory=lambda: defaultdict(list))
    _epochs: dict[tuple[str, TopicPartition], int] = field(default_factory=lambda: defaultdict(int))
    _committed: dict[tuple[str, TopicPartition], int] = field(default_factory=dict)
    _starts: dict[TopicPartition, int] = field(default_factory=dict)
    _leader_changes: dict[TopicPartition, list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _notes: dict[tuple[str, TopicPartition], str] = field(default_factory=dict)

    def append(self, messages: Sequence[Message], keyless: int = 0) -> None:
        """Write ``messages`` in order, or none of them.

        A message without key and partition goes to the partition ``keyless``.

        Raises:
            Misconfigured: A topic does not exist.
        """
        counts = {message.topic: self.count(message.topic) for message in messages}
        if self.topics is not None and (missing := counts.keys() - self.topics):
            names = ", ".join(sorted(missing))
            raise Misconfigured(f"no topic {names}: create it with `newsquake topics create`")
        now = time.time_ns() // 1_000_000
        for target, group in group_by_partition(messages, counts, keyless).items():
            stored = self._records[target]
            for _, key, value, headers, timestamp, _ in group:
                time_ms = now if timestamp is None else timestamp
                stored.append(Stored(*target, len(stored), time_ms, key, value, tuple(headers)))

    def count(self, topic: str) -> int:
        """Return the number of partitions of ``topic``."""
        return self.counts.get(topic, self.partitions)

    def read(self, topic: str) -> list[Stored]:
        """Return all records of ``topic``, partition by partition."""
        sources = [TopicPartition(topic, number) for number in range(self.count(topic))]
        return [record for source in sources for record in self._records[source]]

    def after(self, source: TopicPartition, position: int, limit: int) -> list[Stored]:
        """Return at most ``limit`` records of ``source`` from ``position`` on."""
        begin = max(position, self._starts.get(source, 0))
        return self._records[source][begin : begin + limit]

    def end(self, source: TopicPartition) -> int:
        """Return the offset after the last record of ``source``."""
        return len(self._records[source])

    def delete_before(self, source: TopicPartition, start: int) -> None:
        """Delete the records of ``source`` before offset ``start``, as retention does."""
        self._starts[source] = start

    def truncate(self, source: TopicPartition, end: int) -> None:
        """Lose the records of ``source`` from offset ``end`` on, as a power cut does."""
        del self._records[source][end:]
        changes = [change for change in self._leader_changes[source] if change < end]
        self._leader_changes[source] = [*changes, end]

    def forget_group(self, group: str) -> None:
        """Forget the offsets of ``group``, as Kafka does after ``offsets.retention.minutes``."""
        for key in [key for key in self._committed if key[0] == group]:
            del self._committed[key]

    async def open(self, group: str, source: TopicPartition) -> "MemorySession":
        """See ``streams.core.log.Log``."""
        self._epochs[group, source] += 1
        return MemorySession(self, group, source, self._epochs[group, source])

    async def committed(self, group: str, source: TopicPartition) -> int:
        """See ``streams.core.log.Log``."""
        return self._committed.get((group, source), 0)

    async def bounds(self, source: TopicPartition) -> Bounds:
        """See ``streams.core.log.Log``."""
        return Bounds(self._starts.get(source, 0), self.end(source))

    async def note(self, group: str, source: TopicPartition) -> str:
        """See ``streams.core.log.Log``."""
        return self._notes.get((group, source), "")

    async def scan(
        self,
        source: TopicPartition,
        begin: int = 0,
        end: int | None = None,
        *,
        pass_unreadable: bool = False,  # noqa: ARG002 - there are none
        has_gaps: bool = True,  # noqa: ARG002 - as above
    ) -> AsyncIterator[Sequence[Stored]]:
        """See ``streams.core.log.Log``."""
        begin = max(begin, self._starts.get(source, 0))
        if records := tuple(self._records[source][begin:end]):
            yield records

    async def read_at(
        self, source: TopicPartition, offsets: Collection[int]
    ) -> Mapping[int, Stored]:
        """See ``streams.core.log.Log``."""
        start, end = await self.bounds(source)
        records = self._records[source]
        return {offset: records[offset] for offset in offsets if start <= offset < end}

    async def leader_change(self, source: TopicPartition, begin: int, end: int) -> int | None:
        """See ``streams.core.log.Log``."""
        last = min(end, self.end(source) - 1)
        changes = [change for change in self._leader_changes[source] if begin < change <= last]
        return changes[0] if changes else None

    async def close(self) -> None:
        """See ``streams.core.log.Log``."""


@dataclass(slots=True)
class MemorySession:
    """See ``streams.core.log.Session``."""

    log: MemoryLog
    group: str
    source: TopicPartition
    epoch: int

    async def commit(self, messages: Sequence[Message], position: int, note: str = "") -> None:
        """See ``streams.core.log.Session``."""
        if self.log._epochs[self.group, self.source] != self.epoch:  # noqa: SLF001 - one unit
            raise Fenced(f"{self.source} is held by a later session")
        self.log.append(messages, keyless=self.source.partition)
        self.log._committed[self.group, self.source] = position  # noqa: SLF001 - one unit
        self.log._notes[self.group, self.source] = note  # noqa: SLF001 - one unit

    async def close(self) -> None:
        """See ``streams.core.log.Session``."""
