"""Reorder buffer: puts the signals of one partition into event-time order.

Upstream partitions are read at different speeds; in a fast replay they can be months apart. A surge
consists of news that happened together, so signals wait here until every lineage has passed their
time. The price is latency: a live stream waits for its slowest lineage, or for ``idle_timeout``.
"""

from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import NamedTuple, Self

from detection.ordering.watermarks import IdleClock, LineageState, Watermarks
from detection.rule import Rule
from schemas.signal import Signal

SortKey = tuple[float, str, str]
"""Position of a signal in the order: published (Unix seconds), key, subject."""


class BufferProgress(NamedTuple):
    """Progress of a buffer, as the changelog stores it.

    Attributes:
        time: Clock of the watermarks.
        released: Sort key of the last signal that left in order; None before the first.
        late: Number of signals that came after their position had been released.
        waiting: Number of signals in the buffer.
        oldest: Lowest offset of a signal in the buffer; None if it is empty.
    """

    time: IdleClock = IdleClock()
    released: SortKey | None = None
    late: int = 0
    waiting: int = 0
    oldest: int | None = None


class ReorderBuffer:
    """Holds signals back until they can leave in order of (published, key, subject).

    A signal that comes after its position was released is late, and leaves at once. Adding and
    releasing take O(log pending) and amortised O(log lineages) a signal, so signals can be released
    one by one. Which signals are late then depends on the order of the log alone, never on how it
    was cut into batches.

    A signal is identified by its offset in the log. All waiting signals sort after ``released``,
    and all released ones do not. So waiting signals need not be stored: after a restart they are
    read from the log again.

    Attributes:
        watermarks: Event time of all lineages.
        late: Number of signals that came after their position had been released.
    """

    def __init__(self, rule: Rule, lineages: int) -> None:
        lateness = rule.lateness.total_seconds()
        self.watermarks = Watermarks(lineages, lateness, rule.idle_timeout)
        self.late = 0
        self._max_pending = rule.max_pending
        # A sort key, offset and signal each. Flat, since Python compares nested tuples twice.
        self._heap: list[tuple[float, str, str, int, Signal]] = []
        self._released: SortKey | None = None
        self._changed_lineages: set[str] = set()
        # Offsets in the order of the log. They leave from the left, so an offset whose signal was
        # released early stays until all before it have left, or until most are of that kind.
        self._offsets: deque[int] = deque()
        self._released_early: set[int] = set()

    @classmethod
    def restore(
        cls, rule: Rule, lineages: int, progress: BufferProgress, states: Iterable[LineageState]
    ) -> Self:
        """Return the buffer with this progress, without its waiting signals: see `put_back`."""
        buffer = cls(rule, lineages)
        buffer.watermarks.restore(progress.time, states)
        buffer._released, buffer.late = progress.released, progress.late
        return buffer

    def put_back(self, signal: Signal, offset: int) -> None:
        """Add a signal that the stored buffer had received, unless it was released before."""
        key = sort_key(signal)
        if self._released is None or key > self._released:
            self._add(key, offset, signal)

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def progress(self) -> BufferProgress:
        """State that `restore` needs, besides that of the lineages."""
        oldest = self._offsets[0] if self._offsets else None
        return BufferProgress(
            self.watermarks.clock, self._released, self.late, len(self._heap), oldest
        )

    def take_changed_lineages(self) -> list[LineageState]:
        """Return the lineages that received a signal since the last call, in order of name."""
        states = [self.watermarks.state(lineage) for lineage in sorted(self._changed_lineages)]
        self._changed_lineages.clear()
        return states

    def offer(self, signal: Signal, sent: float, offset: int) -> None:
        """Add a signal that was sent at a Unix time; offsets must grow."""
        key = sort_key(signal)
        self.watermarks.see(signal.lineage, key[0], sent)
        self._changed_lineages.add(signal.lineage)
        if self._released is not None and key < self._released:
            self.late += 1
        self._add(key, offset, signal)

    def release(self, silence: float = 0.0) -> list[Signal]:
        """Remove and return, in order, the signals that need not wait any longer.

        These are late signals, signals that all lineages have passed, and the oldest ones if the
        buffer is too full. ``silence`` is the number of seconds since the last signal; after
        ``idle_timeout`` all signals may leave.
        """
        return self.release_before(self.watermarks.frontier(silence))

    def release_before(self, frontier: float) -> list[Signal]:
        """Do as `release`, given the frontier (Unix seconds) of the watermarks."""
        signals: list[Signal] = []
        heap, offsets, released_early = self._heap, self._offsets, self._released_early
        while heap:
            published, key, subject, offset, signal = heap[0]
            position = (published, key, subject)
            is_late = self._released is not None and position <= self._released
            # Strictly before the frontier: a lineage may bring more signals of the same instant.
            is_complete = published < frontier
            if not (is_late or is_complete or len(heap) > self._max_pending):
                break

            heappop(heap)
            signals.append(signal)
            if not is_late:
                self._released = position

            released_early.add(offset)
            while offsets and offsets[0] in released_early:
                released_early.remove(offsets.popleft())
            if len(released_early) > len(heap):
                waiting = [offset for offset in offsets if offset not in released_early]
                offsets.clear()
                offsets.extend(waiting)
                released_early.clear()
        return signals

    def _add(self, key: SortKey, offset: int, signal: Signal) -> None:
        heappush(self._heap, (*key, offset, signal))
        self._offsets.append(offset)


def sort_key(signal: Signal) -> SortKey:
    """Return the position of a signal in the order."""
    return signal.published.timestamp(), signal.key, signal.subject
