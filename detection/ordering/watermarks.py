"""How far event time has come, when it arrives along several paths of different speed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush, heapreplace
from math import inf
from typing import Final, NamedTuple, Self

NEVER: Final = -inf

LineageState = tuple[str, float, float]
"""A lineage, its latest event time, and `IdleClock.elapsed` when it was last heard."""


class IdleClock(NamedTuple):
    """Processing time in seconds, as far as it counts for idleness.

    ``elapsed`` runs while signals come, ``spoken`` is the Unix time of the last of them (None:
    there was none), ``fresh`` is the ``elapsed`` since which all lineages are waited for.
    """

    elapsed: float = 0.0
    spoken: float | None = None
    fresh: float = 0.0


@dataclass(slots=True)
class _Lineage:
    latest: float
    heard: float
    is_waited_for: bool


@dataclass(slots=True)
class Watermarks:
    """The latest event time of each lineage, and the time that all of them have passed.

    A lineage is one path through the upstream partitions; within it signals are in event-time
    order, give or take ``lateness``. Times are in seconds. There are ``expected`` lineages; which
    ones is learnt. One that was silent for ``idle_timeout`` while others spoke is idle and holds
    nobody up; nor does one that was never heard of. When nobody spoke for so long, that is nobody's
    idleness, and what comes next may come along any of them. So a worker that was away for an
    hour turns no good signal into a late one.

    The idea is Flink's per-split watermark alignment with idleness.
    """

    expected: int
    lateness: float
    idle_timeout: float
    time: IdleClock = field(default_factory=IdleClock)
    newest: float = NEVER
    _lineages: dict[str, _Lineage] = field(default_factory=dict)
    # One entry for each lineage that is waited for; its event time may be an earlier one's.
    _slowest: list[tuple[float, str]] = field(default_factory=list)

    def restore(self, time: IdleClock, lineages: Iterable[LineageState]) -> Self:
        """Take over what others had `heard` by this `time`."""
        self.time = time
        for name, latest, heard in lineages:
            self._lineages[name] = _Lineage(latest, heard, is_waited_for=True)
            self._slowest.append((latest, name))
            self.newest = max(self.newest, latest)
        heapify(self._slowest)
        return self

    def heard(self, lineage: str) -> LineageState:
        """What is known of a lineage that was seen.

        Raises:
            KeyError: it was not.
        """
        known = self._lineages[lineage]
        return lineage, known.latest, known.heard

    def see(self, lineage: str, published: float, at: float) -> None:
        """Note a signal that was sent ``at`` a Unix time. O(1), O(log lineages) after idleness."""
        if at != self.time.spoken:
            self._speak(at)
        self.newest = max(self.newest, published)
        known = self._lineages.get(lineage)
        if known is None:
            known = self._lineages[lineage] = _Lineage(published, 0.0, is_waited_for=False)
        known.heard = self.time.elapsed
        known.latest = max(known.latest, published)
        if not known.is_waited_for:
            self._wait_for(lineage, known)

    def frontier(self, silence: float = 0.0, patience: float = 0.0) -> float:
        """Event time (Unix) before which no more is to be expected; amortised O(log lineages).

        `NEVER` (-inf) while a lineage that was never heard of may still begin. After ``silence``
        since the last signal, event time goes on from the newest one, ``patience`` behind.
        """
        if self.time.spoken is None:
            return NEVER
        if silence >= self.idle_timeout:
            return self.newest + max(0.0, silence - patience) - self.lateness
        elapsed, _, fresh = self.time
        if len(self._lineages) < self.expected and elapsed < fresh + self.idle_timeout:
            return NEVER
        return self._latest_of_slowest() - self.lateness

    def _speak(self, at: float) -> None:
        elapsed, spoken, fresh = self.time
        silence = 0.0 if spoken is None else at - spoken
        if silence >= self.idle_timeout:
            fresh = elapsed
            for name, known in self._lineages.items():
                if not known.is_waited_for:
                    self._wait_for(name, known)
        elif silence > 0.0:
            elapsed += min(silence, self.idle_timeout / 2)
        self.time = IdleClock(elapsed, at if spoken is None else max(at, spoken), fresh)

    def _wait_for(self, name: str, known: _Lineage) -> None:
        known.is_waited_for = True
        heappush(self._slowest, (known.latest, name))

    def _latest_of_slowest(self) -> float:
        heap, (elapsed, _, fresh) = self._slowest, self.time
        while True:
            latest, name = heap[0]
            known = self._lineages[name]
            if max(known.heard, fresh) <= elapsed - self.idle_timeout:
                known.is_waited_for = False
                heappop(heap)
            elif known.latest > latest:
                heapreplace(heap, (known.latest, name))
            else:
                return latest
