"""Chunks are split into portions that a slow handler can take on."""

from typing import NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.chunking import MIN_RECORDS, PortionSize, WaitingChunks
from streams.core.consumer import Chunk
from streams.core.record import Record, TopicPartition


class Numbered(NamedTuple):
    """The part of a record that is looked at."""

    offset: int


def split(chunks: list[Chunk], max_records: int | None) -> list[list[Chunk]]:
    """Return all portions of the chunks."""
    waiting = WaitingChunks()
    waiting.add(chunks)
    return list(iter(lambda: waiting.take(max_records), []))


SIZES = st.lists(st.integers(1, 30), max_size=8)


def chunk(number: int, size: int, acknowledged: list[int]) -> Chunk:
    """Return a chunk of partition ``number`` with ``size`` records."""
    return Chunk(
        TopicPartition("news", number),
        cast("list[Record]", [Numbered(offset) for offset in range(size)]),
        lambda: True,
        lambda: acknowledged.append(number),
    )


@pytest.mark.property
@given(sizes=SIZES, max_records=st.integers(1, 40))
def test_every_record_is_in_one_portion_in_order(sizes: list[int], max_records: int) -> None:
    """An article would be lost or scored twice, or a slow model be given more than it can take."""
    chunks = [chunk(number, size, []) for number, size in enumerate(sizes)]
    portions = split(chunks, max_records)
    cuts = [cut for portion in portions for cut in portion]
    for number, size in enumerate(sizes):
        offsets = [
            record.offset
            for cut in cuts
            if cut.source.partition == number
            for record in cut.records
        ]
        assert offsets == list(range(size))
    counts = [sum(len(cut.records) for cut in portion) for portion in portions]
    full, remainder = divmod(sum(sizes), max_records)
    assert counts == [max_records] * full + [remainder] * (remainder > 0)


@pytest.mark.property
@given(sizes=SIZES, max_records=st.integers(1, 40))
def test_a_chunk_is_acknowledged_with_its_last_part(sizes: list[int], max_records: int) -> None:
    """A rebalance would not wait for the rest of it, or wait for ever."""
    acknowledged: list[int] = []
    chunks = [chunk(number, size, acknowledged) for number, size in enumerate(sizes)]
    remaining = dict(enumerate(sizes))
    for cut in [cut for portion in split(chunks, max_records) for cut in portion]:
        number = cut.source.partition
        remaining[number] -= len(cut.records)
        cut.acknowledge()
        assert (number in acknowledged) == (remaining[number] == 0)
    assert acknowledged == list(range(len(sizes)))


def test_without_a_limit_all_chunks_are_one_portion() -> None:
    """A fast stage would get many small batches."""
    chunks = [chunk(0, 3, []), chunk(1, 4, [])]
    assert split(chunks, None) == [chunks]


def test_a_slow_model_is_given_what_it_takes_on_in_two_seconds() -> None:
    """On a slow processor a worker would show nothing for ten seconds."""
    size = PortionSize(1_000)
    for _ in range(10):
        size.note(size.records or 0, seconds=(size.records or 0) / 40)
    assert size.records == 80


def test_a_fast_handler_is_soon_given_all_that_it_may_have() -> None:
    """Each transaction would hold a hundred records, and most of the time go into transactions."""
    size = PortionSize(1_000)
    for _ in range(4):
        size.note(size.records or 0, seconds=0.01)
    assert size.records == 1_000


@pytest.mark.property
@given(st.lists(st.tuples(st.integers(0, 1_000), st.floats(0.0, 1e4)), max_size=30))
def test_the_size_of_portions_stays_within_its_bounds(calls: list[tuple[int, float]]) -> None:
    """A worker that was suspended for an hour would go on with one record at a time."""
    size = PortionSize(1_000)
    for records, seconds in calls:
        size.note(records, seconds)
        assert size.records is not None
        assert MIN_RECORDS <= size.records <= 1_000


def test_a_quiet_time_makes_no_small_portions() -> None:
    """After a night with a few articles a minute, the morning's would be handled one by one."""
    size = PortionSize(1_000)
    for _ in range(4):
        size.note(size.records or 0, seconds=0.01)
    for _ in range(100):
        size.note(1, seconds=0.02)
    assert size.records == 1_000
