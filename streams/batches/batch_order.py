"""Notice a batch whose offset changed: a batch's checksum does not cover it (KIP-98).

aiokafka takes such a batch for what it says. Its records get other offsets, those of its neighbours
count as read already, and what the position jumps over is never read.

In a topic that is not compacted the offsets of batches have no gaps: markers of transactions are
batches too, and retention deletes from the beginning. Elsewhere offsets may have gaps, so only a
batch that lies outside the log is noticed there.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Span(NamedTuple):
    """The offsets of a batch.

    Attributes:
        begin: The offset of the first record.
        end: The offset after the last record.
    """

    begin: int
    end: int


class Misplaced(ValueError):
    """A batch, or the next one, does not have the offsets that follow those before it."""


class Order(NamedTuple):
    """What the offsets of a partition may be.

    Attributes:
        has_gaps: Whether the topic may be compacted.
        log_end: The offset after the last record of the log.
    """

    has_gaps: bool
    log_end: int

    def choose(self, batches: Sequence[Span], position: int) -> int | None:
        """Return the index of the batch that is to be read at ``position``; None if it is not here.

        One that has changed says that it has the position of others, but its end is not where the
        next one begins. That is also so if the next one has changed; then it is not followed.

        >>> order = Order(has_gaps=False, log_end=6)
        >>> order.choose([Span(3, 5), Span(4, 6)], position=4)
        1
        >>> order.choose([Span(3, 5), Span(4, 6)], position=2)
        >>> order._replace(has_gaps=True).choose([Span(3, 5), Span(5, 6)], position=2)
        0
        """
        begins = [*(batch.begin for batch in batches[1:]), self.log_end]
        is_followed = [batch.end == begin for batch, begin in zip(batches, begins, strict=True)]
        holders = [n for n, batch in enumerate(batches) if batch.begin <= position < batch.end]
        for number in holders:
            if is_followed[number]:
                return number
        for number in holders:
            if not any(is_followed[number + 1 : number + 2]):
                return number
        is_after_gap = self.has_gaps and position < batches[0].end <= self.log_end
        return 0 if is_after_gap else None

    def resume(self, batches: Sequence[Span], position: int) -> int:
        """Return where reading may go on, if none of ``batches`` is to be read at ``position``.

        >>> order = Order(has_gaps=False, log_end=9)
        >>> order.resume([Span(900, 902), Span(4, 6)], position=2)
        4
        >>> order.resume([Span(4, 6), Span(6, 9)], position=2)
        4
        >>> order.resume([Span(900, 902)], position=2)
        9
        """
        first, *others = batches
        if others and others[0].begin != first.end:
            offset = others[0].begin
        else:
            offset = first.begin if first.end <= self.log_end else self.log_end
        return max(offset, position + 1)


class OrderedBatches:
    """Stands for aiokafka's ``MemoryRecords``, and hands on only what is in its place."""

    def __init__(self, batches: Any, order: Order, position: int) -> None:
        self._batches = batches
        self._order = order
        self._position = position
        self._following: Any = None

    def has_next(self) -> bool:
        """Return whether there is another batch."""
        return self._following is not None or bool(self._batches.has_next())

    def next_batch(self) -> Any:
        """Return the next batch. It is called for each, so it makes no objects.

        Raises:
            Misplaced: The offset of the batch, or of the one after it, is not the right one.
        """
        batch = self._following
        if batch is None:
            batch = self._batches.next_batch()
        self._following = following = self._batches.next_batch()  # None behind the last
        begin, end, position = batch.base_offset, batch.next_offset, self._position
        has_gaps, log_end = self._order
        if has_gaps:
            is_in_place = position < end <= log_end
        else:
            is_in_place = begin <= position < end and (
                following is None or following.base_offset == end
            )
        if not is_in_place:
            raise Misplaced(f"offset {position} was expected, not {begin} to {end}")
        self._position = end
        return batch
