"""A consumer over the log in memory, which ends when its input is used up."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from streams.core.consumer import Chunk, ReadProgress
from streams.core.pump import AnyPump
from streams.core.record import TopicPartition
from streams.testing.memory_log import MemoryLog

_PAUSE_CHECK_SECONDS = 0.01


@dataclass(slots=True)
class MemoryConsumer:
    """See ``streams.core.consumer.Consumer``: the only member of its group.

    Attributes:
        log: The log to read.
        pump: The pump to feed.
        max_records: The largest number of records in a chunk.
    """

    log: MemoryLog
    pump: AnyPump
    max_records: int = 500
    _stopped: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Hold all partitions and feed the pump until it has handled all records."""
        topic, leases = self.pump.stage.source, self.pump.leases
        partitions = range(self.log.count(topic))
        await leases.hold([TopicPartition(topic, partition) for partition in partitions])
        while not self._stopped:
            if self.pump.pause.is_on:
                await asyncio.sleep(_PAUSE_CHECK_SECONDS)
                continue
            rewinds = self.pump.pause.rewinds
            chunks = [
                Chunk(source, records, partial(self._is_current, rewinds), lambda: None)
                for source, lease in leases.held.items()
                if (records := self.log.after(source, lease.position, self.max_records))
            ]
            if not chunks:
                return
            await self.pump.process(chunks)

    def _is_current(self, rewinds: int) -> bool:
        return self.pump.pause.rewinds == rewinds

    async def read_progress(self) -> Mapping[TopicPartition, ReadProgress]:
        """See ``streams.core.consumer.Consumer``."""
        return {
            source: ReadProgress(lease.position, self.log.end(source))
            for source, lease in self.pump.leases.held.items()
            if lease.is_recalled
        }

    def probe(self, source: TopicPartition, position: int) -> None:
        """See ``streams.core.consumer.Consumer``."""

    async def stop(self) -> None:
        """See ``streams.core.consumer.Consumer``."""
        self._stopped = True
