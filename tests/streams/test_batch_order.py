"""A batch whose offset changed: its neighbours are read, and it is not passed in silence."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streams.batches.batch_order import Misplaced, Order, OrderedBatches, Span


class Stored(NamedTuple):
    """A batch as a broker has it.

    Attributes:
        base_offset: The offset that it says.
        next_offset: The offset after it, by what it says.
        content: The offsets that its records were given.
    """

    base_offset: int
    next_offset: int
    content: range


Search = Callable[[Sequence[Stored], int], int]


class Outcome(NamedTuple):
    """The records that were handed on, and the offsets that were reported."""

    handed_on: list[int]
    reported: set[int]


class Fetched:
    """aiokafka's results of one fetch."""

    def __init__(self, batches: Sequence[Stored]) -> None:
        self._batches = list(batches)

    def has_next(self) -> bool:
        return bool(self._batches)

    def next_batch(self) -> Stored | None:
        return self._batches.pop(0) if self._batches else None


def records(batch: Stored, position: int) -> Iterator[int]:
    """Yield the records of a batch that are handed on, by the offsets that they were given."""
    for offset, content in zip(
        range(batch.base_offset, batch.next_offset), batch.content, strict=True
    ):
        if offset >= position:
            yield content


def broker(log: Sequence[Stored], position: int) -> int:
    """Return the first batch that Kafka 4.3 gives (``FileRecords.searchForOffsetFromPosition``)."""
    for number, batch in enumerate(log):
        if batch.base_offset >= position:
            is_before = batch.base_offset > position and number > 0
            return number - (is_before and log[number - 1].next_offset > position)
    return len(log) - 1


def old_broker(log: Sequence[Stored], position: int) -> int:
    """Return the first batch that earlier releases give."""
    return next(number for number, batch in enumerate(log) if batch.next_offset > position)


def read(log: Sequence[Stored], position: int, end: int, search: Search) -> Outcome:
    """Read as the guard does."""
    handed_on, reported = list[int](), set[int]()
    while position < end:
        first = search(log, position)
        while log[first].next_offset <= position:  # as fetch_raw does
            first += 1
        fetched = log[first:]
        order, begin = Order(has_gaps=False, log_end=end), position
        ordered = OrderedBatches(Fetched(fetched), order, position)
        try:
            while ordered.has_next():
                batch = ordered.next_batch()
                handed_on += records(batch, position)
                position = batch.next_offset
        except Misplaced:
            if position > begin:
                continue
            spans = [Span(batch.base_offset, batch.next_offset) for batch in fetched]
            index = order.choose(spans, position)
            if index is None:
                resume = order.resume(spans, position)
                reported |= set(range(position, resume))
                position = resume
            else:
                handed_on += records(fetched[index], position)
                position = fetched[index].next_offset
    return Outcome(handed_on, reported)


@pytest.mark.property
@pytest.mark.parametrize("search", [broker, old_broker])
@given(
    sizes=st.lists(st.integers(1, 5), min_size=3, max_size=8),
    changed=st.integers(0, 7),
    bit=st.integers(0, 40),
    start=st.integers(0, 10),
)
def test_one_flipped_bit_hides_no_other_batch(
    search: Search, sizes: list[int], changed: int, bit: int, start: int
) -> None:
    """Articles beside a bit that flipped on a disk would never be scored, and nobody be told."""
    bases = [sum(sizes[:number]) for number in range(len(sizes))]
    end = sum(sizes)
    assume(changed < len(sizes) - 1 and start < end)
    log = [
        Stored(base, base + size, range(base, base + size))
        for base, size in zip(bases, sizes, strict=True)
    ]
    base = bases[changed] ^ (1 << bit)
    log[changed] = log[changed]._replace(base_offset=base, next_offset=base + sizes[changed])
    lost = set(log[changed].content)
    handed_on, reported = read(log, start, end, search)
    wanted = set(range(start, end))
    assert sorted(handed_on) == sorted(wanted - lost - reported)
    assert reported >= lost & wanted
    if start in bases and start not in lost:
        assert reported == lost & wanted


@pytest.mark.property
@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=8), start=st.integers(0, 10))
def test_a_log_that_is_whole_is_read_without_a_second_look(sizes: list[int], start: int) -> None:
    """Each fetch would be made twice, or a partition stand still without a cause."""
    bases = [sum(sizes[:number]) for number in range(len(sizes))]
    assume(start < sum(sizes))
    log = [
        Stored(base, base + size, range(base, base + size))
        for base, size in zip(bases, sizes, strict=True)
        if base + size > start
    ]
    ordered = OrderedBatches(Fetched(log), Order(has_gaps=False, log_end=sum(sizes)), start)
    assert [ordered.next_batch() for _ in log] == log
    assert not ordered.has_next()
