"""The pump: chunks of records in, one decision for each, all results in transactions.

It knows no Kafka. A consumer hands it chunks (`streams.core.consumer`). While the handler can't
decide about anything, the stage pauses: positions go back to the first record that is not handled,
chunks are let go, so that a rebalance waits for nobody, and nothing is fetched.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple

from schemas.metrics.condition import FUSE_SHARE
from schemas.metrics.processing import BATCH_RECORDS, BATCH_SECONDS, Sample
from streams.core.backpressure import InFlightBudget, Pause, occupied_bytes
from streams.core.chunking import PortionSize
from streams.core.consumer import Chunk
from streams.core.dead_letter import dead_letter, log_excerpts
from streams.core.fuse import Fuse, check_fuse
from streams.core.handler import Batch, Decision, M, Unavailable
from streams.core.lane import Work
from streams.core.lease import Lease, Leases
from streams.core.record import Message, Record, TopicPartition
from streams.core.stage import Stage
from streams.monitoring.metrics_hook import MetricsHook, decision_samples, ignore_samples
from streams.monitoring.tracing import NOT_FOLLOWED
from streams.positions.landmarks import sample


class _Input(NamedTuple, Generic[M]):
    """Records of one held partition that are still to be handled; none for a tick.

    ``before`` is the position that the lease had before them.
    """

    lease: Lease[M]
    records: Sequence[Record]
    bytes: int
    acknowledge: Callable[[], None]
    before: int


class Pump(Generic[M]):
    """Turns chunks into committed decisions of one stage.

    Attributes:
        stage: The stage whose handler decides.
        leases: The partitions that may be handled.
        busy_since: The time at which the call of `process` under way began, by the monotonic
            clock; None between calls.
        is_handling: Is true while the handler decides, and not while the pump waits for Kafka.
        pause: Is on while the handler can't decide about anything.
        portion: The records that the handler is given at a time.
    """

    def __init__(
        self,
        stage: Stage[M],
        leases: Leases[M],
        budget: InFlightBudget,
        fuse: Fuse,
        observe: MetricsHook = ignore_samples,
    ) -> None:
        self.stage = stage
        self.leases = leases
        self.busy_since: float | None = None
        self.is_handling = False
        self.pause = Pause()
        self.portion = PortionSize(stage.max_records)
        self._budget = budget
        self._fuse = fuse
        self._observe = observe
        self._lock = asyncio.Lock()
        self._stopped = False
        stage.handler.observe_with(partial(observe, stage.name))

    @property
    def is_idle(self) -> bool:
        """Return whether everything that came in is committed or dropped."""
        return self.busy_since is None and not self._budget.taken

    async def process(self, chunks: Sequence[Chunk], upcoming: Sequence[Chunk] = ()) -> None:
        """Decide about ``chunks`` and queue the results; wait while too much is in flight.

        ``upcoming`` are the chunks of the next call, if they are known already.

        Raises:
            FuseBlown: Too many records were rejected; nothing of these chunks is committed.
            Exception: The handler failed; the process must end.
        """
        async with self._lock:
            if self._stopped or self.pause.is_on:
                for chunk in chunks:
                    chunk.acknowledge()
                return
            self.busy_since = time.monotonic()
            inputs = [accepted for chunk in chunks if (accepted := self._accept(chunk))]
            await self._budget.take(sum(accepted.bytes for accepted in inputs))
            await self._decide(inputs, upcoming)
            self.busy_since = None

    async def tick(self) -> None:
        """Give the handler a batch without records for every partition that has been silent."""
        async with self._lock:
            if self._stopped or self.pause.is_on:
                return
            before = time.monotonic() - (self.stage.tick_seconds or 0.0)
            ticks: list[_Input[M]] = [
                _Input(lease, (), 0, acknowledge=lambda: None, before=lease.position)
                for lease in self.leases.held.values()
                if lease.is_recalled and lease.last_handled <= before
            ]
            await self._decide(ticks)

    async def commit_idle(self, source: TopicPartition, position: int) -> None:
        """Commit ``position``, before which all records were handled, unless more came since."""
        async with self._lock:
            lease = self.leases.held.get(source)
            if lease and lease.lane.is_idle and lease.position <= position and not self._stopped:
                lease.position = position
                lease.lane.put(Work([], {}, position, finish=lambda: None))

    async def stop(self) -> None:
        """Let the call under way end; chunks that come later are acknowledged, unhandled.

        They must not wait: Faust stops a stream only once it stands still.
        """
        self._stopped = True
        async with self._lock:
            self.pause.stop_waiting()

    def _accept(self, chunk: Chunk) -> _Input[M] | None:
        """Return the records of ``chunk`` that are still to be handled, None if there are none.

        A chunk of an earlier generation is dropped: after a rebalance the consumer goes back to the
        committed offset and fetches it again, and a stale later chunk would leave a hole. Records
        below the lease's position were handled before such a rebalance.
        """
        lease = self.leases.held.get(chunk.source)
        if (
            lease is None
            or not chunk.is_current_generation()
            or chunk.records[-1].offset < lease.position
        ):
            chunk.acknowledge()
            return None
        records, before = _records_from(chunk.records, lease.position), lease.position
        lease.position = records[-1].offset + 1
        return _Input(lease, records, occupied_bytes(records), chunk.acknowledge, before)

    async def _decide(self, inputs: Sequence[_Input[M]], upcoming: Sequence[Chunk] = ()) -> None:
        if not inputs:
            return
        now, handler = time.time_ns() // 1_000_000, self.stage.handler
        batches = [
            Batch(lease.source.partition, records, await lease.memory(), now)
            for lease, records, *_ in inputs
        ]
        if upcoming:
            handler.prefetch(batches)
            handler.prefetch(await self._upcoming_batches(upcoming, now))

        begin = time.monotonic()
        self.is_handling = True
        try:
            decisions = await handler.handle(batches)
        except Unavailable:
            self._pause(inputs)
            return
        finally:
            self.is_handling = False
        seconds = time.monotonic() - begin

        records_in = sum(len(batch.records) for batch in batches)
        await check_fuse(self._fuse, self.leases, batches, decisions)
        self.portion.note(records_in, seconds)
        if records_in:
            samples = [Sample(BATCH_RECORDS, records_in), Sample(BATCH_SECONDS, seconds)]
            samples.append(Sample(FUSE_SHARE, self._fuse.rejected_share))
            self._observe(self.stage.name, samples)
        for accepted, decision in zip(inputs, decisions, strict=True):
            self._queue(accepted, decision, now, seconds)

    def _pause(self, inputs: Sequence[_Input[M]]) -> None:
        """Put ``inputs`` back, and read nothing until the handler is available again.

        Nothing waits between the two, so that no later chunk is taken for the next one.
        """
        for accepted in reversed(inputs):  # a partition may have several chunks
            accepted.lease.position = accepted.before
            self._budget.give(accepted.bytes)
            accepted.acknowledge()
        self.pause.begin(self.stage.handler.available, self.leases.on_failure)

    async def _upcoming_batches(self, chunks: Sequence[Chunk], now: int) -> list[Batch[M]]:
        """Return the batches that will probably be handled next; the leases do not move."""
        return [
            Batch(lease.source.partition, records, await lease.memory(), now)
            for chunk in chunks
            if (lease := self.leases.held.get(chunk.source))
            and lease.is_recalled
            and chunk.is_current_generation()
            and (records := _records_from(chunk.records, lease.position))
        ]

    def _queue(self, accepted: _Input[M], decision: Decision, now: int, seconds: float) -> None:
        """Queue the decision about one partition in its lane; it took ``seconds``."""
        lease, records, size, acknowledge, _ = accepted
        followed = NOT_FOLLOWED
        if tracing := self.stage.tracing:
            followed = tracing.follow(self.stage.name, records, decision, seconds)
        lease.last_handled = time.monotonic()
        is_silent = not (decision.messages or decision.changes or decision.rejections)
        if is_silent and not (records or decision.after_commit):
            self._observe(self.stage.name, decision.samples)
            return

        size += self._budget.add(occupied_bytes(decision.messages))

        def finish() -> None:
            self._budget.give(size)
            acknowledge()

        topic, partition = self.stage.changelog or "", lease.source.partition
        changes: dict[bytes, Message] = {}
        for key, value in decision.changes:
            changes.pop(key, None)  # a memory may depend on the order of the last changes
            changes[key] = Message(topic, key, value, partition=partition)
        dead = [dead_letter(self.stage, rejection, now) for rejection in decision.rejections]
        log_excerpts(self.stage, decision.rejections, dead)
        samples = list(decision_samples(records, decision, followed.trace_ids))
        marks = sample(records) if self.stage.positions else ()
        results = [*decision.messages, *dead]
        after = followed.ending_before(decision.after_commit)
        lease.lane.put(Work(results, changes, lease.position, finish, samples, marks, after))


AnyPump = Pump[Any]
"""A pump, whatever the type of its handler's memory."""


def _records_from(records: Sequence[Record], position: int) -> Sequence[Record]:
    if records[0].offset >= position:
        return records
    return [record for record in records if record.offset >= position]
