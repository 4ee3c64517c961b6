"""Go past a record, or past a batch that can't be read, and leave a dead letter that says so."""

import time
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import KafkaError

from streams.batches.guarded_fetch import read_batch
from streams.batches.raw_batches import fetch_raw
from streams.core.dead_letter import SKIPPED, BatchSkipped, SkippedByOperator, dead_letter
from streams.core.errors import Misconfigured, UnreadableBatch
from streams.core.handler import Rejection
from streams.core.log import Log
from streams.core.record import Record, Stored, TopicPartition
from streams.core.stage import AnyStage
from streams.kafka.cluster import Cluster
from streams.kafka.connection import new_client
from streams.positions.landmarks import PositionNotes
from streams.positions.resume import Resumption, find_resumption


class Skip(NamedTuple):
    """The offsets to go past.

    Attributes:
        record: The record, or the bytes of the batch that can't be read as its value.
        end: The offset at which the stage goes on.
        problem: The reason for which the batch can't be read; empty for a record.
    """

    record: Record
    end: int
    problem: str

    @property
    def summary(self) -> str:
        """Return the place, size and SHA-256 of what is left out."""
        record, value = self.record, self.record.value or b""
        what = f"a batch that can't be read: {self.problem}" if self.problem else "a record"
        return (
            f"{record.topic}-{record.partition}, offsets {record.offset} to {self.end - 1}, "
            f"{len(value)} bytes, "
            f"SHA-256 {sha256(value).hexdigest()}, {what}"
        )


async def plan_skip(
    cluster: Cluster, log: Log, stage: AnyStage, source: TopicPartition, offset: int
) -> Skip:
    """Return what ``stage`` would leave out of ``source`` at ``offset``; nothing is changed.

    Raises:
        Misconfigured: The stage does not stand at the offset, or there is nothing.
    """
    await _resume_at(log, stage, source, offset)
    skip = await _read(cluster, source, offset)
    if skip is None:
        bounds = await log.bounds(source)
        raise Misconfigured(
            f"{source.topic}-{source.partition} has no committed record at offset {offset} (it "
            f"reaches from {bounds.start} to {bounds.end}): take the offset from the worker's line"
        )
    return skip


async def carry_out(log: Log, stage: AnyStage, skip: Skip, reason: str) -> None:
    """Write the dead letter and move the position past it, in one transaction.

    Opening the session fences a worker that serves the partition: it ends, and starts behind.

    Raises:
        Misconfigured: The stage has moved since the plan was made.
        Fenced: A worker took the partition meanwhile.
    """
    source = TopicPartition(skip.record.topic, skip.record.partition)
    session = await log.open(stage.group, source)
    try:
        resumption = await _resume_at(log, stage, source, skip.record.offset)
        kind = BatchSkipped if skip.problem else SkippedByOperator
        cause = kind(f"{reason} ({skip.summary})")
        now_ms = time.time_ns() // 1_000_000
        letter = dead_letter(stage, Rejection(skip.record, SKIPPED, cause), now_ms)
        notes = PositionNotes(stage, source, resumption.landmarks).note(skip.end, ())
        await session.commit([letter, *notes], skip.end)
    finally:
        await session.close()


async def _resume_at(log: Log, stage: AnyStage, source: TopicPartition, offset: int) -> Resumption:
    """Return where the stage stands, if no record lies between there and ``offset``."""
    resumption = await find_resumption(log, stage, source)
    position = resumption.position
    scanned = log.scan(source, position, offset, has_gaps=False)
    are_between = position < offset and any([records async for records in scanned if records])
    if position > offset or are_between:
        raise Misconfigured(
            f"{stage.name} stands at offset {position} of {source.topic}-{source.partition}, not "
            f"at {offset}: only what it would read next can be skipped. Let the worker come to "
            "the place, and take the offset from its line"
        )
    return resumption


async def _read(cluster: Cluster, source: TopicPartition, offset: int) -> Skip | None:
    """Return the record at ``offset``, or the batch there that can't be read."""
    partition = KafkaPartition(*source)
    client = new_client(cluster)
    try:
        await client.bootstrap()
        await client.set_topics([source.topic])
        try:
            records, _ = await read_batch(client, partition, offset)
        except UnreadableBatch as batch:
            data = b""
            with suppress(KafkaError):
                data = b"".join(
                    raw.data for raw in (await fetch_raw(client, partition, offset)).batches[:1]
                )
            record = Stored(*source, offset, time.time_ns() // 1_000_000, None, data, ())
            return Skip(record, batch.end, batch.problem)
    finally:
        await client.close()
    matching = [record for record in records if record.offset == offset]
    return Skip(matching[0], offset + 1, "") if matching else None
