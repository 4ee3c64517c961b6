"""Read records of a partition by offset."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from streams.core.errors import UnreadableBatch
from streams.core.record import Record, TopicPartition

_log = structlog.get_logger(__name__)
_POLL_MS = 200


async def scan(
    reader: AIOKafkaConsumer,
    source: TopicPartition,
    begin: int,
    end: int | None,
    *,
    pass_unreadable: bool,
) -> AsyncIterator[Sequence[Record]]:
    """Yield the records; see `streams.core.log.Log.scan`. ``reader`` has no other partition.

    Raises:
        UnreadableBatch: A batch can't be read, and is not to be passed.
    """
    partition = KafkaPartition(*source)
    reader.assign([partition])
    oldest = (await reader.beginning_offsets([partition]))[partition]
    reader.seek(partition, max(begin, oldest))
    if end is None:
        end = (await reader.end_offsets([partition]))[partition]
    while await reader.position(partition) < end:
        try:
            fetched = await reader.getmany(timeout_ms=_POLL_MS)
        except UnreadableBatch as batch:
            if not pass_unreadable:
                raise
            _log.error(
                "a batch that can't be read is left out",
                topic=batch.topic,
                partition=batch.partition,
                offset=batch.begin,
                end=batch.end,
                problem=batch.problem,
            )
            reader.seek(partition, batch.end)
        else:
            for records in fetched.values():
                yield [record for record in records if record.offset < end]


async def read_at(
    reader: AIOKafkaConsumer, source: TopicPartition, offsets: Collection[int]
) -> Mapping[int, Record | None]:
    """Return the records; see `streams.core.log.Log.read_at`."""
    partition, records = KafkaPartition(*source), dict[int, Record | None]()
    reader.assign([partition])
    end = (await reader.end_offsets([partition]))[partition]
    for offset in sorted(offset for offset in offsets if offset < end):
        reader.seek(partition, offset)
        try:
            while await reader.position(partition) <= offset:
                fetched = await reader.getmany(timeout_ms=_POLL_MS, max_records=1)
                for record in fetched.get(partition, ()):
                    if record.offset == offset:
                        records[offset] = record
        except UnreadableBatch:
            records[offset] = None
    return records
