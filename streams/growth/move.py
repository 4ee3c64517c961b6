"""Move records and memory to the partitions that their keys have, in transactions.

Nothing is remembered about how far a move has come: what lies in a wrong partition is still to be
moved. So a move that was interrupted is gone on with by beginning anew.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition

from schemas.sent_time import sent_at, sent_header
from streams.batches.record_batches import group_by_partition, pack
from streams.batches.transaction_batch import BATCH_BYTES, create_batch, create_compressed_batch
from streams.core.log import Log
from streams.core.record import Message, Record, TopicPartition
from streams.core.stage import AnyStage
from streams.growth.layout import Layout
from streams.kafka.partitioner import assign_partitions
from streams.positions.landmarks import PositionNotes
from streams.positions.resume import find_resumption

_TRANSACTION_RECORDS = 5_000
_TRANSACTION_BYTES = 4 << 20

Offsets = Mapping[TopicPartition, int]
Progress = Callable[[str, int, int], None]
"""Called with a step, how many of its records are done, and of about how many."""


class Entry(NamedTuple):
    """The last record of a key in a partition of a changelog; entries sort by time.

    Attributes:
        timestamp: Its timestamp, which it keeps.
        partition: The partition in which it lies.
        offset: Its offset there.
        message: The record, to be written to the partition of its key.
    """

    timestamp: int
    partition: int
    offset: int
    message: Message


class Mover:
    """Moves what lies in the partitions of other keys.

    ``layout`` says to which partitions the keys of each topic are assigned; ``progress`` is called
    now and then.
    """

    def __init__(
        self,
        log: Log,
        producer: AIOKafkaProducer,
        layout: Layout,
        progress: Progress = lambda *_: None,
    ) -> None:
        self._log = log
        self._producer = producer
        self._layout = layout
        self._progress = progress
        self._counts = layout.assigned

    async def move_unread(self, stage: AnyStage) -> int:
        """Move what ``stage`` has not read of its source; return the number of records.

        Records, offsets and position records change in the same transactions. The records of all
        partitions are written in the order of their time, as they came.
        """
        sources = [TopicPartition(stage.source, n) for n in range(self._counts[stage.source])]
        finding = (find_resumption(self._log, stage, source) for source in sources)
        resumptions = dict(zip(sources, await asyncio.gather(*finding), strict=True))
        starts = {source: resumption.position for source, resumption in resumptions.items()}
        notes = {
            source: PositionNotes(stage, source, resumption.landmarks)
            for source, resumption in resumptions.items()
        }
        ends = {source: (await self._log.bounds(source)).end for source in sources}
        moving = [
            source
            for source in sources
            if await self._has_misplaced(source, starts[source], ends[source])
        ]
        scans = [
            self._log.scan(source, starts[source], ends[source], has_gaps=False)
            for source in moving
        ]
        moved, total = 0, sum(ends[source] - starts[source] for source in moving)
        async for records in portions(merged(scans)):
            handled: dict[TopicPartition, list[Record]] = {}
            for record in records:
                source = TopicPartition(stage.source, record.partition)
                handled.setdefault(source, []).append(record)
            messages = [written_anew(record) for record in records]
            offsets = {source: batch[-1].offset + 1 for source, batch in handled.items()}
            for source, offset in offsets.items():
                messages += notes[source].note(offset, handled[source])
            await self._write(messages, stage.group, offsets)
            moved += len(records)
            self._progress(f"moving {stage.source}", moved, total)
        if moving:
            passed = {source: ends[source] for source in moving}
            remembered = [
                message for source, end in passed.items() for message in notes[source].note(end, ())
            ]
            await self._write(remembered, stage.group, passed)
        return moved

    async def move_memory(self, topic: str) -> int:
        """Move the entries of a changelog that is keyed as its source; return their number.

        Entries are recalled in the order in which they were written. So if one must move, all are
        written anew, in the order of their time; each of them keeps it.
        """
        count = self._counts[topic]
        entries = [
            entry
            for partition in range(count)
            for entry in await self._entries(TopicPartition(topic, partition))
        ]
        keys = [entry.message.key for entry in entries]
        targets = assign_partitions(keys, count, 0)
        misplaced = sum(
            entry.partition != target for entry, target in zip(entries, targets, strict=True)
        )
        if not misplaced:
            return 0
        pairs = sorted(zip(entries, targets, strict=True), key=lambda pair: pair[0][:3])
        for begin in range(0, len(pairs), _TRANSACTION_RECORDS):
            portion = pairs[begin : begin + _TRANSACTION_RECORDS]
            messages = [entry.message for entry, _ in portion]
            messages += [
                Message(topic, entry.message.key, None, partition=entry.partition)
                for entry, target in portion
                if entry.partition != target
            ]
            await self._write(messages)
            self._progress(f"moving {topic}", begin + len(portion), len(pairs))
        return misplaced

    async def rewrite(self, topic: str, key: bytes, change: Callable[[bytes], bytes]) -> None:
        """Apply ``change`` to the value of ``key`` in each partition of a changelog."""
        for partition in range(self._counts[topic]):
            for entry in await self._entries(TopicPartition(topic, partition)):
                if entry.message.key == key and entry.message.value is not None:
                    value = change(entry.message.value)
                    await self._write([Message(topic, key, value, partition=partition)])

    async def _has_misplaced(self, source: TopicPartition, begin: int, end: int) -> bool:
        count = self._counts[source.topic]
        async for records in self._log.scan(source, begin, end, has_gaps=False):
            keys = [record.key for record in records]
            targets = assign_partitions(keys, count, source.partition)
            if any(target != source.partition for target in targets):
                return True
        return False

    async def _entries(self, source: TopicPartition) -> list[Entry]:
        """Return the last record of each key that was not deleted."""
        last: dict[bytes, Entry] = {}
        start, end = await self._log.bounds(source)
        step = f"reading {source.topic}-{source.partition}"
        async for records in self._log.scan(source):
            if records:
                self._progress(step, records[-1].offset - start + 1, end - start)
            for record in records:
                key = record.key or b""
                last.pop(key, None)
                if record.value is not None:
                    headers, time = tuple(record.headers), record.timestamp
                    message = Message(source.topic, record.key, record.value, headers, time)
                    last[key] = Entry(time, source.partition, record.offset, message)
        return list(last.values())

    async def _write(
        self, messages: Sequence[Message], group: str = "", offsets: Offsets | None = None
    ) -> None:
        """Write ``messages`` and commit ``offsets`` of ``group``, in one transaction."""
        producer, sends = self._producer, list[Awaitable[object]]()
        counts, used = self._layout.counts, self._layout.used
        async with producer.transaction():
            for target, group_messages in group_by_partition(messages, counts, 0, used).items():
                for batch in pack(
                    group_messages, create_batch, create_compressed_batch, BATCH_BYTES
                ):
                    sends.append(
                        await producer.send_batch(batch, target.topic, partition=target.partition)
                    )
            await asyncio.gather(*sends)
            if offsets:
                committed = {
                    KafkaPartition(*source): (offset, "") for source, offset in offsets.items()
                }
                await producer.send_offsets_to_transaction(committed, group)


async def merged(scans: Sequence[AsyncIterator[Sequence[Record]]]) -> AsyncIterator[Record]:
    """Yield the records of all ``scans`` by time; those of one scan stay in their order."""
    streams = [_flat(scan) for scan in scans]
    heads = [
        (record.timestamp, number, record)
        for number, stream in enumerate(streams)
        if (record := await anext(stream, None))
    ]
    heapify(heads)
    while heads:
        _, number, record = heappop(heads)
        yield record
        if following := await anext(streams[number], None):
            heappush(heads, (following.timestamp, number, following))


async def _flat(scan: AsyncIterator[Sequence[Record]]) -> AsyncIterator[Record]:
    async for records in scan:
        for record in records:
            yield record


async def portions(records: AsyncIterator[Record]) -> AsyncIterator[list[Record]]:
    """Yield as many ``records`` at a time as one transaction should write."""
    portion, size = list[Record](), 0
    async for record in records:
        portion.append(record)
        size += len(record.value or b"")
        if len(portion) >= _TRANSACTION_RECORDS or size >= _TRANSACTION_BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def written_anew(record: Record) -> Message:
    """Return a record as it is written anew: at the present time, so that retention spares it."""
    sent = sent_header(sent_at(record.headers, record.timestamp))
    headers = [header for header in record.headers if header[0] != sent[0]]
    return Message(record.topic, record.key, record.value, (*headers, sent))
