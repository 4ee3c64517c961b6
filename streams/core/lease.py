"""Leases: the exclusive hold on source partitions that makes exactly-once possible.

A lease is tied to a *source* partition, never to a worker: its transactional id is made of the
consumer group, the topic and the partition. Opening it fences whoever held the partition before
(KIP-98), so a worker that froze and thawed finds itself unable to commit. The order is: fence, read
the committed offset, recall the memory. Anything read before the fence could still change.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from functools import partial
from typing import Any

import structlog

from streams.core.handler import Change
from streams.core.lane import Lane
from streams.core.log import Log, Session
from streams.core.metrics_hook import MetricsHook, ignore_samples
from streams.core.record import Record, TopicPartition
from streams.core.stage import Stage

_log = structlog.get_logger(__name__)


class Lease:
    """One source partition, held: its position, its memory and the lane that commits for it."""

    def __init__(self, source: TopicPartition, session: Session, position: int, lane: Lane) -> None:
        self.source = source
        self.position = position
        self.lane = lane
        self.touched = time.monotonic()
        self._session = session
        self._memory: asyncio.Task[Any] | None = None
        self._running: asyncio.Task[None] | None = None

    def start(self, recall: Callable[[], Any], on_failure: Callable[[BaseException], None]) -> None:
        """Begin to recall the memory, and to commit."""
        self._memory = asyncio.create_task(recall(), name=f"recall {self.source}")
        self._running = asyncio.create_task(self.lane.run(), name=f"lane {self.source}")
        for task in (self._memory, self._running):
            task.add_done_callback(lambda done: _report(done, on_failure))

    async def memory(self) -> Any:
        """The partition's memory, once it is recalled."""
        return await asyncio.shield(self._memory) if self._memory else None

    @property
    def recalled(self) -> bool:
        """Whether the memory is there."""
        return self._memory is not None and self._memory.done()

    async def release(self) -> None:
        """Stop committing and close the session; what was not committed is someone else's now.

        A recall under way goes on: the pump may be waiting for it, and its work is then dropped.
        """
        if self._running:
            self._running.cancel()
            await asyncio.wait([self._running])
        self.lane.close()
        await self._session.close()


def _report(task: asyncio.Task[Any], on_failure: Callable[[BaseException], None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        on_failure(error)


class Leases:
    """The leases that this worker holds for one stage; ``linger`` as in ``Lane``."""

    def __init__(
        self,
        log: Log,
        stage: Stage[Any],
        on_failure: Callable[[BaseException], None],
        linger: float = 0.0,
        observe: MetricsHook = ignore_samples,
    ) -> None:
        self._log = log
        self._stage = stage
        self._on_failure = on_failure
        self._linger = linger
        self._tell = partial(observe, stage.name)
        self._held: dict[TopicPartition, Lease] = {}

    def get(self, source: TopicPartition) -> Lease | None:
        """The lease of ``source``, if it is held."""
        return self._held.get(source)

    def all(self) -> Sequence[Lease]:
        """Every lease held."""
        return tuple(self._held.values())

    async def hold(self, sources: Collection[TopicPartition]) -> None:
        """Hold just ``sources``: release the others, keep the kept, open the new concurrently.

        The memory is recalled in the background, since aiokafka sends no heartbeats while a
        rebalance callback runs: a long recall there would cost the worker its membership.
        """
        gone = [source for source in self._held if source not in sources]
        await asyncio.gather(*(self._held.pop(source).release() for source in gone))
        fresh = [source for source in sources if source not in self._held]
        await asyncio.gather(*(self._open(source) for source in fresh))
        _log.info("leases", stage=self._stage.name, held=sorted(s.partition for s in sources))

    async def drained(self) -> None:
        """Wait until everything decided is committed."""
        await asyncio.gather(*(lease.lane.drained() for lease in self.all()))

    async def _open(self, source: TopicPartition) -> None:
        session = await self._log.open(self._stage.group, source)
        position = await self._log.committed(self._stage.group, source)
        lease = Lease(source, session, position, Lane(session, self._linger, self._tell))
        self._held[source] = lease
        lease.start(lambda: self._recall(source, position), self._on_failure)

    async def _recall(self, source: TopicPartition, position: int) -> Any:
        entries = [entry async for entry in self._entries(source.partition)]
        memory = self._stage.handler.recall(source.partition, entries)
        handler = self._stage.handler
        if (begin := handler.reread_from(memory)) is not None:
            async for records in self._log.scan(source, begin, position):
                handler.reread(memory, records)
        return memory

    async def _entries(self, partition: int) -> AsyncIterator[Change]:
        if self._stage.changelog is None:
            return
        latest: dict[bytes, Record] = {}
        async for records in self._log.scan(TopicPartition(self._stage.changelog, partition)):
            for record in records:
                latest.pop(key := record.key or b"", None)
                latest[key] = record
        for key, record in latest.items():
            if record.value is not None:
                yield key, record.value
