"""Records are fetched as structs, and say what aiokafka's own say."""

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from streams.batches.fetched_record import FetchedRecord, fetched_record

FIELDS = FetchedRecord.__struct_fields__


def partition_records() -> PartitionRecords:
    """Return what a fetch of a batch of three records gives."""
    batch = BatchBuilder(10_000, 0, is_transactional=False)
    for key, value, headers in (
        (b"k", b"v", [("ce_id", b"1"), ("ce_id", b"2")]),
        (None, b"", [("empty", None)]),
        (b"", None, []),
    ):
        batch.append(timestamp=1_704_067_200_000, key=key, value=value, headers=headers)
    data = bytes(batch._build())
    source, batches = TopicPartition("news.raw", 3), MemoryRecords(data)
    return PartitionRecords(source, batches, [], 0, None, None, True, READ_COMMITTED)  # noqa: FBT003 - aiokafka's signature


def test_fetched_records_have_the_fields_of_aiokafkas() -> None:
    """A handler would see another key, or the time of another record."""
    own = partition_records()
    own._consumer_record = fetched_record
    records, expected = list(own), list(partition_records())
    assert len(records) == 3
    for record, other in zip(records, expected, strict=True):
        assert isinstance(record, FetchedRecord)
        assert [getattr(record, name) for name in FIELDS] == [
            getattr(other, name) for name in FIELDS
        ]
    assert own.next_fetch_offset == 3
