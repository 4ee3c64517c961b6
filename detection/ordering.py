"""Event-time order for the signals of one partition.

Upstream partitions are read at different speeds: in a fast replay they are months apart. A surge
is about what happened together, so signals wait here until every lineage has passed their time.
The price is latency: a live stream waits for its slowest lineage, or for ``idle_timeout``.
"""

from collections.abc import Mapping
from datetime import datetime
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple, Self

from detection.rule import Rule
from detection.watermarks import Watermarks
from schemas.signal import Signal

Place = tuple[datetime, str, str]
"""Where a signal stands: published, key, subject."""


class Changes(NamedTuple):
    """What a changelog has to write to be able to rebuild the buffer.

    ``added`` and ``removed`` name pending signals by number, ``lineages`` are watermarks that
    moved, ``released`` is the place of the last signal that left in order (``None``: none yet).
    """

    added: dict[int, Signal]
    removed: set[int]
    lineages: dict[str, datetime]
    released: Place | None


class Snapshot(NamedTuple):
    """What all changes so far add up to: the fields are those of `Changes`, none removed."""

    pending: Mapping[int, Signal]
    lineages: Mapping[str, datetime]
    released: Place | None


class Ordering:
    """Holds signals back until they can be released in order of (published, key, subject).

    ``late`` counts signals that came after their place had gone by; they are released at once.
    Offering is O(log pending), releasing O(lineages) plus O(log pending) for each released.
    """

    def __init__(self, rule: Rule, lineages: int) -> None:
        self._watermarks = Watermarks(lineages, rule.lateness.total_seconds(), rule.idle_timeout)
        self._max_pending = rule.max_pending
        self._heap: list[tuple[Place, int, Signal]] = []
        self._next = 0
        self._released: Place | None = None
        self._changes = Changes({}, set(), {}, None)
        self.late = 0

    @classmethod
    def rebuilt(cls, rule: Rule, lineages: int, snapshot: Snapshot, now: float) -> Self:
        """The buffer as it was. ``now`` is processing time in seconds.

        Every lineage counts as heard at ``now``: the time that the process was away is no reason
        to call a lineage idle and let signals out early.
        """
        ordering = cls(rule, lineages)
        for lineage, latest in snapshot.lineages.items():
            ordering._watermarks.see(lineage, latest, now)
        for number, signal in snapshot.pending.items():
            heappush(ordering._heap, (_place(signal), number, signal))
        ordering._next = max(snapshot.pending, default=-1) + 1
        ordering._released = snapshot.released
        return ordering

    def __len__(self) -> int:
        return len(self._heap)

    def offer(self, signal: Signal, now: float) -> None:
        """Take a signal in. ``now`` is processing time in seconds, never going back."""
        if self._watermarks.see(signal.lineage, signal.published, now):
            self._changes.lineages[signal.lineage] = signal.published
        place = _place(signal)
        self.late += self._released is not None and place < self._released
        heappush(self._heap, (place, self._next, signal))
        self._changes.added[self._next] = signal
        self._next += 1

    def release(self, now: float) -> list[Signal]:
        """What can leave, in order: late signals, what all lineages passed, what does not fit."""
        frontier = self._watermarks.frontier(now)
        out: list[Signal] = []
        while self._heap and self._may_leave(frontier):
            place, number, signal = heappop(self._heap)
            self._forget(number)
            self._released = max(place, self._released or place)
            out.append(signal)
        return out

    def changes(self) -> Changes:
        """What changed since the last call. A signal that came and went between is not in it."""
        changes = self._changes._replace(released=self._released)
        self._changes = Changes({}, set(), {}, None)
        return changes

    def _may_leave(self, frontier: float) -> bool:
        place = self._heap[0][0]
        late = self._released is not None and place <= self._released
        # Strictly before the frontier: a lineage may go on with more of the same instant.
        passed = frontier == inf or place[0].timestamp() < frontier
        return late or passed or len(self._heap) > self._max_pending

    def _forget(self, number: int) -> None:
        if self._changes.added.pop(number, None) is None:
            self._changes.removed.add(number)


def _place(signal: Signal) -> Place:
    return signal.published, signal.key, signal.subject
