"""Event-time order for the signals of one partition.

Upstream partitions are read at different speeds: in a fast replay they are months apart. A surge
is about what happened together, so signals wait here until every lineage has passed their time.
The price is latency: a live stream waits for its slowest lineage, or for ``idle_timeout``.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import NamedTuple, Self

from detection.ordering.watermarks import IdleClock, LineageState, Watermarks
from detection.rule import Rule
from schemas.signal import Signal

SortKey = tuple[float, str, str]
"""Where a signal stands: published (Unix seconds), key, subject."""


class BufferProgress(NamedTuple):
    """How far a buffer has come.

    ``released`` is the place of the last signal that left in order (None: none yet), ``late``
    counts those that came after their place had gone by, ``waiting`` those that have not left,
    and ``oldest`` is the offset of the first of these.
    """

    time: IdleClock = IdleClock()
    released: SortKey | None = None
    late: int = 0
    waiting: int = 0
    oldest: int | None = None


class ReorderBuffer:
    """Holds signals back until they can be released in order of (published, key, subject).

    One that comes after its place has gone by is late: it leaves at once. Offering and releasing
    are O(log pending) a signal and amortised O(log lineages), so that signals can be released one
    by one: what is late then depends on the order of the log, never on how it was cut.

    Signals are known by their offsets in that log. Whatever waits stands after ``released``, and
    whatever has left does not, so the buffer need not be written down: it can be read again.
    """

    def __init__(self, rule: Rule, lineages: int) -> None:
        lateness = rule.lateness.total_seconds()
        self._watermarks = Watermarks(lineages, lateness, rule.idle_timeout)
        self._max_pending = rule.max_pending
        self._heap: list[tuple[SortKey, int, Signal]] = []
        self._offsets: deque[int] = deque()
        # Of those in `_offsets`, which shrinks from its left only.
        self._left: set[int] = set()
        self._released: SortKey | None = None
        self._late = 0
        self._heard: set[str] = set()

    @classmethod
    def rebuilt(
        cls, rule: Rule, lineages: int, progress: BufferProgress, heard: Iterable[LineageState]
    ) -> Self:
        """The buffer as it was, but for what waited: that is for `put_back`."""
        ordering = cls(rule, lineages)
        ordering._watermarks.restore(progress.time, heard)
        ordering._released, ordering._late = progress.released, progress.late
        return ordering

    def put_back(self, signal: Signal, offset: int) -> None:
        """Take a signal in again that had been offered before the rebuilt buffer was written."""
        place = _place(signal)
        if self._released is None or place > self._released:
            self._put(place, offset, signal)

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def newest(self) -> float:
        """The latest event time of all, Unix seconds; -inf before the first."""
        return self._watermarks.newest

    @property
    def late(self) -> int:
        """Signals that came after their place had gone by."""
        return self._late

    @property
    def progress(self) -> BufferProgress:
        """What `rebuilt` needs, besides the lineages that were heard."""
        oldest = self._offsets[0] if self._offsets else None
        return BufferProgress(
            self._watermarks.time, self._released, self._late, len(self._heap), oldest
        )

    def heard(self) -> list[LineageState]:
        """The lineages that were heard since the last call."""
        heard = [self._watermarks.heard(lineage) for lineage in sorted(self._heard)]
        self._heard.clear()
        return heard

    def offer(self, signal: Signal, at: float, offset: int) -> None:
        """Take a signal in that was sent ``at`` a Unix time; offsets grow."""
        place = _place(signal)
        self._watermarks.see(signal.lineage, place[0], at)
        self._heard.add(signal.lineage)
        if self._released is not None and place < self._released:
            self._late += 1
        self._put(place, offset, signal)

    def release(self, silence: float = 0.0) -> Iterator[Signal]:
        """What can leave, in order: late signals, what all lineages passed, what does not fit.

        ``silence`` is for how many seconds nothing came: after ``idle_timeout`` all may leave.
        """
        frontier = self._watermarks.frontier(silence)
        while self._heap and self._may_leave(frontier):
            place, offset, signal = heappop(self._heap)
            self._forget(offset)
            if self._released is None or place > self._released:
                self._released = place
            yield signal

    def frontier(self, silence: float = 0.0, patience: float = 0.0) -> float:
        """See `Watermarks.frontier`."""
        return self._watermarks.frontier(silence, patience)

    def _may_leave(self, frontier: float) -> bool:
        place = self._heap[0][0]
        # Strictly before the frontier: a lineage may go on with more of the same instant.
        return (
            place[0] < frontier
            or (self._released is not None and place <= self._released)
            or len(self._heap) > self._max_pending
        )

    def _put(self, place: SortKey, offset: int, signal: Signal) -> None:
        heappush(self._heap, (place, offset, signal))
        self._offsets.append(offset)

    def _forget(self, offset: int) -> None:
        self._left.add(offset)
        while self._offsets and self._offsets[0] in self._left:
            self._left.remove(self._offsets.popleft())


def _place(signal: Signal) -> SortKey:
    return signal.published.timestamp(), signal.key, signal.subject
