"""A consumer over the log in memory, which ends when its input is used up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streams.core.consumer import Chunk, ReadProgress
from streams.core.pump import Pump
from streams.core.record import TopicPartition
from streams.testing.memory_log import MemoryLog


@dataclass(slots=True)
class MemoryConsumer:
    """See ``streams.core.consumer.Consumer``: the only member of its group.

    Attributes:
        log: The log to read.
        pump: The pump to feed.
        max_records: The largest number of records in a chunk.
    """

    log: MemoryLog
    pump: Pump[Any]
    max_records: int = 500
    _stopped: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Hold all partitions and feed the pump until it has handled all records."""
        source, leases = self.pump.stage.source, self.pump.leases
        partitions = range(self.log.count(source))
        await leases.hold([TopicPartition(source, partition) for partition in partitions])
        while not self._stopped and (chunks := self._next_chunks()):
            await self.pump.process(chunks)

    async def read_progress(self) -> Mapping[TopicPartition, ReadProgress]:
        """See ``streams.core.consumer.Consumer``."""
        return {
            source: ReadProgress(lease.position, self.log.end(source))
            for source, lease in self.pump.leases.held.items()
            if lease.is_recalled
        }

    async def stop(self) -> None:
        """See ``streams.core.consumer.Consumer``."""
        self._stopped = True

    def _next_chunks(self) -> list[Chunk]:
        """Return the next records of every partition that has some."""
        return [
            Chunk(source, records, lambda: True, lambda: None)
            for source, lease in self.pump.leases.held.items()
            if (records := self.log.after(source, lease.position, self.max_records))
        ]
