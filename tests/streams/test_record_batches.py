"""Messages are packed into batches without changing their order or their partition."""

from collections.abc import Mapping
from typing import Any

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from streams.batches.record_batches import group_by_partition, pack
from streams.batches.transaction_batch import TransactionBatch
from streams.core.record import Message, TopicPartition
from streams.kafka.partitioner import assign_partitions

LIMIT = 1_000
KEYLESS = 4
COUNTS: Mapping[str, int] = {"a": 3, "b": 5}


def messages() -> st.SearchStrategy[list[Message]]:
    """Generate messages to two topics, some with a partition of their own."""
    keys, partitions = st.none() | st.binary(max_size=3), st.none() | st.integers(0, 2)
    values, topics = st.binary(max_size=2), st.sampled_from(["a", "b"])
    return st.lists(st.builds(Message, topics, keys, values, partition=partitions), max_size=30)


def target(message: Message) -> TopicPartition:
    """Return the partition that ``message`` belongs to."""
    (hashed,) = assign_partitions([message.key], COUNTS[message.topic], KEYLESS)
    chosen = hashed if message.partition is None else message.partition
    return TopicPartition(message.topic, chosen)


def create_batch() -> BatchBuilder:
    """Return a batch of at most LIMIT bytes."""
    return BatchBuilder(LIMIT, 0, is_transactional=1)


def compressed_batch() -> BatchBuilder:
    """Return a batch in gzip."""
    return BatchBuilder(LIMIT, 1, is_transactional=1)


RECORDS = st.lists(
    st.tuples(
        st.integers(0, 1 << 42),
        st.none() | st.binary(max_size=40),
        st.none() | st.binary(max_size=300),
        st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=8)), max_size=3),
    ),
    max_size=12,
)


@pytest.mark.property
@given(RECORDS)
def test_batches_are_those_of_the_library(records: list[tuple[Any, ...]]) -> None:
    """What agents write would be refused by the broker, or read as something else."""
    ours, theirs = TransactionBatch(LIMIT, 0, is_transactional=True), create_batch()
    for timestamp, key, value, headers in records:
        fields = {"timestamp": timestamp, "key": key, "value": value, "headers": headers}
        assert (ours.append(**fields) is None) == (theirs.append(**fields) is None)
        assert (ours.record_count(), ours.size()) == (theirs.record_count(), theirs.size())
    assert ours._build() == theirs._build()


@pytest.mark.property
@given(messages())
def test_order_within_a_partition_is_kept(sent: list[Message]) -> None:
    """Two articles of one company could change places on their way through a stage, or get lost."""
    groups = group_by_partition(sent, COUNTS, KEYLESS)
    assert groups == {
        source: [message for message in sent if target(message) == source]
        for source in map(target, sent)
    }


def test_an_explicit_partition_beats_the_key() -> None:
    """A changelog entry would land beside its partition and be missing from the memory."""
    sent = [Message("a", b"key", b"", partition=number) for number in range(3)]
    assert group_by_partition(sent, COUNTS, KEYLESS) == {
        TopicPartition("a", number): [sent[number]] for number in range(3)
    }


@pytest.mark.parametrize(("size", "expected"), [(400, [2, 2, 1]), (10, [5]), (900, [1] * 5)])
def test_batches_are_filled_up_to_their_limit(size: int, expected: list[int]) -> None:
    """The broker would refuse a batch over its limit; many small ones would be slow."""
    batches = pack([Message("a", None, b"x" * size)] * 5, create_batch, compressed_batch, LIMIT)
    assert [batch.record_count() for batch in batches] == expected


def test_a_record_larger_than_a_batch_stands_alone() -> None:
    """A long article that the broker would take could be lost, or stop the stage."""
    small, large = Message("a", None, b"x"), Message("a", None, b"x" * 3 * LIMIT)
    batches = pack([small, large, small, small], create_batch, compressed_batch, LIMIT)
    assert [batch.record_count() for batch in batches] == [1, 1, 2]
    assert len(batches[1]._build()) < LIMIT
