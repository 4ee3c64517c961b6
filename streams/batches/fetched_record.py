"""A record as it is fetched: a struct, where aiokafka makes an object of eleven fields."""

from typing import Any

import msgspec

from streams.core.record import Headers, TopicPartition


class FetchedRecord(msgspec.Struct, frozen=True, gc=False):
    """See `streams.core.record.Record`. It takes a sixth of the time of a ``ConsumerRecord``."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def fetched_record(source: TopicPartition, record: Any) -> FetchedRecord:
    """Return a record of aiokafka's decoder; stands for ``PartitionRecords._consumer_record``."""
    return FetchedRecord(
        source.topic,
        source.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        tuple(record.headers),
    )
