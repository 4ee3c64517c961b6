"""Chunks dealt out in portions."""

from typing import NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.chunking import split_chunks
from streams.core.consumer import Chunk
from streams.core.record import Record, TopicPartition


class Numbered(NamedTuple):
    """As much of a record as is looked at."""

    offset: int


SIZES = st.lists(st.integers(1, 30), max_size=8)


def _chunks(sizes: list[int], done: list[int]) -> list[Chunk]:
    return [
        Chunk(
            TopicPartition("news", number),
            cast("list[Record]", [Numbered(offset) for offset in range(size)]),
            lambda: True,
            lambda number=number: done.append(number),
        )
        for number, size in enumerate(sizes)
    ]


@pytest.mark.property
@given(sizes=SIZES, most=st.integers(1, 40))
def test_every_record_is_in_one_portion_in_order(sizes: list[int], most: int) -> None:
    """An article would be lost or scored twice, or a slow model be given more than it can take."""
    done: list[int] = []
    found = list(split_chunks(_chunks(sizes, done), most))
    parts = [part for portion in found for part in portion]
    for number, size in enumerate(sizes):
        own = [
            it.offset for part in parts if part.source.partition == number for it in part.records
        ]
        assert own == list(range(size))
    counts = [sum(len(part.records) for part in portion) for portion in found]
    assert counts == [most] * (sum(sizes) // most) + [sum(sizes) % most] * (sum(sizes) % most > 0)


@pytest.mark.property
@given(sizes=SIZES, most=st.integers(1, 40))
def test_a_chunk_is_done_with_its_last_part(sizes: list[int], most: int) -> None:
    """A rebalance would not wait for the rest of it, or wait for ever."""
    done: list[int] = []
    left = dict(enumerate(sizes))
    for part in [part for portion in split_chunks(_chunks(sizes, done), most) for part in portion]:
        left[part.source.partition] -= len(part.records)
        part.acknowledge()
        assert (part.source.partition in done) == (left[part.source.partition] == 0)
    assert done == list(range(len(sizes)))


def test_without_a_limit_all_of_it_is_one_portion() -> None:
    """A fast stage would get many small turns."""
    given = _chunks([3, 4], [])
    assert list(split_chunks(given, None)) == [given]
