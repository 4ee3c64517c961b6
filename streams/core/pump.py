"""The pump: chunks of records in, one decision each, everything decided in transactions.

It knows no Kafka. What drives it hands it chunks: Faust in a worker (``streams.faust.app``), a loop
over the log in memory in fast tests (``streams.testing.drain``).
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from streams.core.backpressure import InFlightBudget
from streams.core.dead_letter import dead_letter
from streams.core.fuse import Fuse
from streams.core.handler import Batch, Decision
from streams.core.lane import Work
from streams.core.lease import Lease, Leases
from streams.core.metrics_hook import MetricsHook, ignore_samples, of_decision, of_turn
from streams.core.record import Message, Record, TopicPartition
from streams.core.stage import Stage

_RECORD_OVERHEAD = 256
"""Bytes that a record costs in memory besides its value, roughly."""


class Chunk(NamedTuple):
    """The records that one fetch returned for one partition, in order.

    ``fresh`` says whether they were fetched in the group's current generation; ``done`` is called
    once they need no more attention.
    """

    source: TopicPartition
    records: Sequence[Record]
    fresh: Callable[[], bool]
    done: Callable[[], None]


class _Accepted(NamedTuple):
    lease: Lease
    records: Sequence[Record]
    weight: int
    done: Callable[[], None]


def _nothing() -> None:
    pass


def _let_go(chunks: Sequence[Chunk]) -> None:
    for chunk in chunks:
        chunk.done()


class Pump:
    """Turns chunks into committed decisions of one stage."""

    def __init__(
        self,
        stage: Stage[Any],
        leases: Leases,
        budget: InFlightBudget,
        fuse: Fuse,
        observe: MetricsHook = ignore_samples,
    ) -> None:
        self._stage = stage
        self._leases = leases
        self._budget = budget
        self._fuse = fuse
        self._observe = observe
        self._turning = asyncio.Lock()
        self._stopped = False
        self.busy_since: float | None = None
        """When the turn under way began, by the monotonic clock; none when none is."""

    async def turn(self, chunks: Sequence[Chunk], coming: Sequence[Chunk] = ()) -> None:
        """Decide about ``chunks`` and queue what was decided; waits while too much is in flight.

        ``coming`` are the chunks of the next turn, where they are known already.

        Raises:
            FuseBlown: too many records were rejected; nothing of this turn is committed.
            Exception: whatever the handler raised; the process must end.
        """
        async with self._turning:
            if self._stopped:
                return _let_go(chunks)
            self.busy_since = time.monotonic()
            accepted = [taken for chunk in chunks if (taken := self._accept(chunk))]
            await self._budget.take(sum(taken.weight for taken in accepted))
            await self._decide(accepted, coming)
            self.busy_since = None
            return None

    async def tick(self) -> None:
        """Give the handler a batch of no records for every partition that has been silent."""
        async with self._turning:
            if self._stopped:
                return
            since = time.monotonic() - (self._stage.tick_seconds or 0.0)
            silent = [x for x in self._leases.all() if x.recalled and x.touched <= since]
            await self._decide([_Accepted(lease, (), 0, _nothing) for lease in silent])

    async def stop(self) -> None:
        """Let the turn under way end; chunks that come later are let go, unhandled.

        They must not wait: Faust stops a stream only once it stands still.
        """
        self._stopped = True
        async with self._turning:
            pass

    def _accept(self, chunk: Chunk) -> _Accepted | None:
        """What of ``chunk`` is still to be handled.

        A chunk of an earlier generation is dropped: after a rebalance the consumer goes back to the
        committed offset and fetches it again, and a stale later chunk would leave a hole. Records
        below the lease's position are those that were handled before such a rebalance.
        """
        lease = self._leases.get(chunk.source)
        if lease is None or not chunk.fresh() or chunk.records[-1].offset < lease.position:
            chunk.done()
            return None
        records = _from(chunk.records, lease.position)
        lease.position = records[-1].offset + 1
        return _Accepted(lease, records, _weight(records), chunk.done)

    async def _decide(self, accepted: Sequence[_Accepted], coming: Sequence[Chunk] = ()) -> None:
        if not accepted:
            return
        now = time.time_ns() // 1_000_000
        batches = [await _batch(taken.lease, taken.records, now) for taken in accepted]
        if coming:
            self._stage.handler.prefetch(batches)
            self._stage.handler.prefetch(await self._expected(coming, now))
        began, records = time.monotonic(), sum(len(taken.records) for taken in accepted)
        decisions = await self._stage.handler.handle(batches)
        self._observe(self._stage.name, of_turn(records, time.monotonic() - began))
        self._fuse.count(records, sum(len(decision.rejections) for decision in decisions))
        for taken, decision in zip(accepted, decisions, strict=True):
            taken.lease.touched = time.monotonic()
            self._queue(taken, decision, now)

    async def _expected(self, coming: Sequence[Chunk], now: int) -> list[Batch[Any]]:
        """What will probably be handled next; the leases stay where they are."""
        return [
            await _batch(lease, records, now)
            for chunk in coming
            if (lease := self._leases.get(chunk.source)) and lease.recalled and chunk.fresh()
            if (records := _from(chunk.records, lease.position))
        ]

    def _queue(self, taken: _Accepted, decision: Decision, now: int) -> None:
        if not taken.records and not decision.messages and not decision.changes:
            self._observe(self._stage.name, decision.samples)
            return
        taken.lease.lane.put(self._work(taken, decision, now))

    def _work(self, taken: _Accepted, decision: Decision, now: int) -> Work:
        def done() -> None:
            self._budget.give(taken.weight)
            taken.done()

        dead = (dead_letter(self._stage, rejected, now) for rejected in decision.rejections)
        changes = self._changes(decision, taken.lease.source.partition)
        facts = list(of_decision(taken.records, decision))
        return Work([*decision.messages, *dead], changes, taken.lease.position, done, facts)

    def _changes(self, decision: Decision, partition: int) -> dict[bytes, Message]:
        topic = self._stage.changelog or ""
        changes: dict[bytes, Message] = {}
        for key, value in decision.changes:
            changes.pop(key, None)  # memory may depend on the order of the last changes
            changes[key] = Message(topic, key, value, partition=partition)
        return changes


async def _batch(lease: Lease, records: Sequence[Record], now: int) -> Batch[Any]:
    return Batch(lease.source.partition, records, await lease.memory(), now)


def _from(records: Sequence[Record], position: int) -> Sequence[Record]:
    if records[0].offset >= position:
        return records
    return [record for record in records if record.offset >= position]


def _weight(records: Sequence[Record]) -> int:
    values = sum(len(record.value) for record in records if record.value)
    return values + _RECORD_OVERHEAD * len(records)
