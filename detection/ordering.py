"""Event-time order for the signals of one partition.

Upstream partitions are read at different speeds: in a fast replay they are months apart. A surge
is about what happened together, so signals wait here until every lineage has passed their time.
The price is latency: a live stream waits for its slowest lineage, or for ``idle_timeout``.
"""

from collections.abc import Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from typing import NamedTuple, Self

from detection.rule import Rule
from detection.watermarks import Heard, Time, Watermarks
from schemas.signal import Signal

Place = tuple[float, str, str]
"""Where a signal stands: published (Unix seconds), key, subject."""


class Progress(NamedTuple):
    """How far a buffer has come.

    ``released`` is the place of the last signal that left in order (None: none yet); ``late``
    counts those that came after their place had gone by.
    """

    time: Time = Time()
    released: Place | None = None
    late: int = 0


class Changes(NamedTuple):
    """What a changelog has to write to be able to rebuild the buffer.

    ``added`` and ``removed`` name pending signals by number, ``lineages`` were heard of.
    """

    added: Mapping[int, Signal]
    removed: Iterable[int]
    lineages: Iterable[Heard]
    progress: Progress

    @property
    def are_none(self) -> bool:
        """Whether nothing came and nothing left."""
        return not (self.added or self.removed or self.lineages)


class Snapshot(NamedTuple):
    """What all changes so far add up to: the fields are those of `Changes`, none removed."""

    pending: Mapping[int, Signal]
    lineages: Iterable[Heard]
    progress: Progress


class Ordering:
    """Holds signals back until they can be released in order of (published, key, subject).

    One that comes after its place has gone by is late: it leaves at once. Offering and releasing
    are O(log pending) a signal and amortised O(log lineages), so that signals can be released one
    by one: what is late then depends on the order of the log, never on how it was cut.
    """

    def __init__(self, rule: Rule, lineages: int) -> None:
        lateness = rule.lateness.total_seconds()
        self._watermarks = Watermarks(lineages, lateness, rule.idle_timeout)
        self._max_pending = rule.max_pending
        self._heap: list[tuple[Place, int, Signal]] = []
        self._next = 0
        self._released: Place | None = None
        self._late = 0
        self._added: dict[int, Signal] = {}
        self._removed: list[int] = []
        self._heard: set[str] = set()

    @classmethod
    def rebuilt(cls, rule: Rule, lineages: int, snapshot: Snapshot) -> Self:
        """The buffer as it was: it goes on as if it had never stopped."""
        ordering = cls(rule, lineages)
        progress = snapshot.progress
        ordering._watermarks.restore(progress.time, snapshot.lineages)
        pending = snapshot.pending
        ordering._heap = [(_place(signal), number, signal) for number, signal in pending.items()]
        heapify(ordering._heap)
        ordering._next = max(pending, default=-1) + 1
        ordering._released, ordering._late = progress.released, progress.late
        return ordering

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

    def offer(self, signal: Signal, at: float) -> None:
        """Take a signal in that was sent ``at`` a Unix time."""
        place = _place(signal)
        self._watermarks.see(signal.lineage, place[0], at)
        self._heard.add(signal.lineage)
        if self._released is not None and place < self._released:
            self._late += 1
        heappush(self._heap, (place, self._next, signal))
        self._added[self._next] = signal
        self._next += 1

    def release(self, silence: float = 0.0) -> Iterator[Signal]:
        """What can leave, in order: late signals, what all lineages passed, what does not fit.

        ``silence`` is for how many seconds nothing came: after ``idle_timeout`` all may leave.
        """
        frontier = self._watermarks.frontier(silence)
        while self._heap and self._may_leave(frontier):
            place, number, signal = heappop(self._heap)
            if self._added.pop(number, None) is None:
                self._removed.append(number)
            if self._released is None or place > self._released:
                self._released = place
            yield signal

    def frontier(self, silence: float = 0.0, patience: float = 0.0) -> float:
        """See `Watermarks.frontier`."""
        return self._watermarks.frontier(silence, patience)

    def changes(self) -> Changes:
        """What changed since the last call. A signal that came and went between is not in it."""
        heard = [self._watermarks.heard(lineage) for lineage in sorted(self._heard)]
        progress = Progress(self._watermarks.time, self._released, self._late)
        changes = Changes(self._added, self._removed, heard, progress)
        self._added, self._removed, self._heard = {}, [], set()
        return changes

    def _may_leave(self, frontier: float) -> bool:
        place = self._heap[0][0]
        # Strictly before the frontier: a lineage may go on with more of the same instant.
        return (
            place[0] < frontier
            or (self._released is not None and place <= self._released)
            or len(self._heap) > self._max_pending
        )


def _place(signal: Signal) -> Place:
    return signal.published.timestamp(), signal.key, signal.subject
