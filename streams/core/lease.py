"""Leases: the exclusive hold on source partitions that makes exactly-once possible.

A lease is tied to a *source* partition, never to a worker: its transactional id is made of the
consumer group, the topic and the partition. Opening it fences the worker that held the partition
before (KIP-98), so one that froze and thawed finds itself unable to commit. The order is: fence,
find the position (`streams.positions.resume`), recall the memory. Anything read before the fence
could still change.
"""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic

import structlog

from schemas.metrics.condition import PARTITIONS, REBALANCES
from schemas.metrics.processing import RECORDS_LOST, Sample
from streams.core.errors import Misconfigured, OnFailure, UnreadableBatch
from streams.core.handler import Change, M
from streams.core.lane import Lane, Pace, Work
from streams.core.log import Log, Session
from streams.core.record import Record, TopicPartition
from streams.core.stage import Stage
from streams.monitoring.metrics_hook import MetricsHook, ignore_samples
from streams.positions.landmarks import PositionNotes
from streams.positions.resume import correct, find_resumption, report_lost, verify

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Lease(Generic[M]):
    """The hold on one source partition.

    Attributes:
        source: The partition.
        position: The offset of the next record to handle; ahead of the committed offset.
        session: Writes on behalf of the partition.
        lane: Commits through the session.
        notes: Remembers the position.
        recall: The task that recalls the memory.
        commits: The task that runs the lane.
        last_handled: The time of the last batch, by the monotonic clock.
    """

    source: TopicPartition
    position: int
    session: Session
    lane: Lane
    notes: PositionNotes
    recall: asyncio.Task[M]
    commits: asyncio.Task[None]
    last_handled: float = field(default_factory=time.monotonic)

    @property
    def is_recalled(self) -> bool:
        """Return whether the memory is there."""
        return self.recall.done()

    async def memory(self) -> M:
        """Return the memory of the partition, once it is recalled."""
        return await asyncio.shield(self.recall)

    async def release(self) -> None:
        """Stop committing and close the session; another worker repeats what was not committed.

        A recall under way goes on: the pump may be waiting for it, and its work is then dropped.
        """
        self.commits.cancel()
        await asyncio.wait([self.commits])
        self.lane.close()
        await self.session.close()


@dataclass(slots=True)
class Leases(Generic[M]):
    """The leases of one stage that this worker holds.

    Attributes:
        log: Opens the sessions.
        stage: The stage whose source partitions are leased.
        on_failure: Receives the failure of a recall or of a commit.
        linger_seconds: The shortest pause of a lane between two transactions.
        observe: Receives the metrics of commits.
        held: The leases by partition; `hold` alone changes them.
        notes: The notes that stood beside the offsets when the leases were taken.
        is_assigned: Whether the group has assigned partitions, perhaps none.
        pace: The pause between two transactions now.
    """

    log: Log
    stage: Stage[M]
    on_failure: OnFailure
    linger_seconds: float = 0.0
    observe: MetricsHook = ignore_samples
    held: dict[TopicPartition, Lease[M]] = field(default_factory=dict, init=False)
    notes: list[str] = field(default_factory=list, init=False)
    is_assigned: bool = field(default=False, init=False)
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.linger_seconds)

    async def hold(self, sources: Collection[TopicPartition]) -> None:
        """Hold exactly ``sources``: release the others, then open the new ones concurrently.

        The memory is recalled in the background, since aiokafka sends no heartbeats while a
        rebalance callback runs: a long recall there would cost the worker its membership.
        """
        lost = [source for source in self.held if source not in sources]
        await asyncio.gather(*(self.held.pop(source).release() for source in lost))
        new = [source for source in sources if source not in self.held]
        await asyncio.gather(*(self._open(source) for source in new))
        self.is_assigned = True
        partitions = sorted(source.partition for source in sources)
        samples = [
            Sample(REBALANCES),
            Sample(PARTITIONS, len(partitions)),
            Sample(RECORDS_LOST, 0.0, (self.stage.source,)),  # so that the first loss is a rise
        ]
        self.observe(self.stage.name, samples)
        _log.info("leases", agent=self.stage.name, held=partitions)

    async def flush(self) -> None:
        """Wait until every decision is committed."""
        await asyncio.gather(*(lease.lane.flush() for lease in self.held.values()))

    async def correct(self, source: TopicPartition, position: int) -> int:
        """Return the offset at which to go on after the log refused to read at ``position``.

        Raises:
            LogTruncated: The log ends before the position.
        """
        resumption = await correct(self.log, self.stage, source, position)
        self.observe(self.stage.name, resumption.samples)
        return resumption.position

    async def verify(self, sources: Collection[TopicPartition]) -> None:
        """Compare the logs of the held ``sources`` with what was handled of them.

        Raises:
            LogTruncated: A log lost records that were handled.
        """
        for source in sources:
            if lease := self.held.get(source):
                notes = lease.notes
                log, stage, position = self.log, self.stage, lease.position
                notes.begin_term(await verify(log, stage, source, position, notes.landmarks))

    async def write_note(self, note: str) -> None:
        """Commit all decisions, then ``note`` beside the offset of each held partition."""
        await self.flush()
        for lease in list(self.held.values()):
            await lease.session.commit([], lease.lane.committed, note)

    async def _open(self, source: TopicPartition) -> None:
        session = await self.log.open(self.stage.group, source)
        resumption = await find_resumption(self.log, self.stage, source)
        position, landmarks, samples, end = resumption
        observe = partial(self.observe, self.stage.name)
        observe(samples)
        notes = PositionNotes(self.stage, source, landmarks)
        notes.begin_term(end)
        lane = Lane(session, self.pace, observe, notes.note, position)
        if samples:
            lane.put(Work([], {}, position, finish=lambda: None))
        recall = asyncio.create_task(self._recall(source, position), name=f"recall {source}")
        commits = asyncio.create_task(lane.run(), name=f"lane {source}")
        recall.add_done_callback(self._report)
        commits.add_done_callback(self._report)
        self.held[source] = Lease(source, position, session, lane, notes, recall, commits)

    def _report(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self.on_failure(error)

    async def _recall(self, source: TopicPartition, position: int) -> M:
        handler = self.stage.handler
        if note := await self.log.note(self.stage.group, source):
            self.notes.append(note)
        memory = handler.recall(source.partition, await self._changelog(source.partition))
        handler.forget_from(memory, position)
        begin, is_all = handler.reread_from(memory), handler.rereads_all(memory)
        if begin is not None or is_all:
            start = (await self.log.bounds(source)).start
            if begin is not None and begin < start:
                self.observe(self.stage.name, report_lost(self.stage, source, begin, start))
            begin = start if is_all or begin is None else begin
            scan = partial(self.log.scan, pass_unreadable=True, has_gaps=False)
            async for records in scan(source, begin, position):
                handler.reread(memory, records)
        return memory

    async def _changelog(self, partition: int) -> list[Change]:
        """Return the last value of every key, in the order of their last change."""
        if self.stage.changelog is None:
            return []
        last: dict[bytes, Record] = {}
        try:
            async for records in self.log.scan(TopicPartition(self.stage.changelog, partition)):
                for record in records:
                    key = record.key or b""
                    last.pop(key, None)
                    last[key] = record
        except UnreadableBatch as batch:
            raise Misconfigured(
                f"the memory of {self.stage.name} is incomplete: {batch}. Bring the partition back "
                "from another replica or a backup; without the batch, news would be counted wrongly"
            ) from batch
        return [(key, record.value) for key, record in last.items() if record.value is not None]
