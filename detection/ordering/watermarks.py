"""Watermarks: how far event time has advanced when signals arrive along several paths.

The idea is that of Apache Flink's watermarks per split, with idleness detection.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush, heapreplace
from math import inf
from typing import Final, NamedTuple, Self

NEVER: Final = -inf
"""The frontier before any event time is known."""


class LineageState(NamedTuple):
    """Progress of one lineage, as the changelog stores it.

    Attributes:
        name: Name of the lineage.
        watermark: Latest event time of its signals, Unix seconds.
        heard: `IdleClock.elapsed` when its last signal came.
    """

    name: str
    watermark: float
    heard: float


class IdleClock(NamedTuple):
    """Clock that decides which lineages are idle. It only runs while signals come.

    Attributes:
        elapsed: Seconds that the clock has run.
        last_sent: Unix time at which the last signal was sent; None before the first.
        resumed: ``elapsed`` at the end of the last outage, from which on all lineages are awaited.
    """

    elapsed: float = 0.0
    last_sent: float | None = None
    resumed: float = 0.0


@dataclass(slots=True)
class _Lineage:
    watermark: float
    heard: float
    is_awaited: bool


@dataclass(slots=True)
class Watermarks:
    """The watermark of each lineage, and the frontier: the event time that all have passed.

    A lineage is one path through the upstream partitions. Within a lineage, signals are in order of
    event time, except for ``lateness``. The names of the lineages are learnt as they appear.

    A lineage that is silent for ``idle_timeout`` while others send signals is idle: the frontier
    no longer waits for it. A lineage that never appeared is not awaited either, once that time is
    over. If all lineages are silent for ``idle_timeout``, this is an outage and none is idle: after
    it every lineage is awaited again. So a worker that was away for an hour does not turn good
    signals into late ones.

    Attributes:
        expected: Number of lineages.
        lateness: Seconds by which a lineage may be out of order within itself.
        idle_timeout: Seconds of silence after which a lineage is idle.
        clock: Processing time that counts for idleness.
        newest: Latest event time of all lineages, Unix seconds; `NEVER` before the first signal.
    """

    expected: int
    lateness: float
    idle_timeout: float
    clock: IdleClock = field(default_factory=IdleClock)
    newest: float = NEVER
    _lineages: dict[str, _Lineage] = field(default_factory=dict)
    # One entry for each awaited lineage. Its event time may be outdated, but never too late.
    _awaited: list[tuple[float, str]] = field(default_factory=list)

    def restore(self, clock: IdleClock, states: Iterable[LineageState]) -> Self:
        """Continue from ``clock`` and the `state` of each lineage at that time; return self."""
        self.clock = clock
        for name, watermark, heard in states:
            self._lineages[name] = _Lineage(watermark, heard, is_awaited=True)
            self._awaited.append((watermark, name))
            self.newest = max(self.newest, watermark)
        heapify(self._awaited)
        return self

    def state(self, lineage: str) -> LineageState:
        """Return the progress of a lineage.

        Raises:
            KeyError: No signal of this lineage was seen.
        """
        state = self._lineages[lineage]
        return LineageState(lineage, state.watermark, state.heard)

    def see(self, lineage: str, published: float, sent: float) -> None:
        """Record a signal by its event time and the Unix time at which it was sent.

        Takes O(1), or O(log lineages) after idleness.
        """
        if sent != self.clock.last_sent:
            self._advance_clock(sent)
        self.newest = max(self.newest, published)
        state = self._lineages.get(lineage)
        if state is None:
            state = self._lineages[lineage] = _Lineage(published, 0.0, is_awaited=False)
        state.heard = self.clock.elapsed
        state.watermark = max(state.watermark, published)
        if not state.is_awaited:
            self._await(lineage, state)

    def frontier(self, silence: float = 0.0, patience: float = 0.0) -> float:
        """Return the event time (Unix) before which no more signals are expected.

        The result is `NEVER` while a lineage that has not appeared yet may still begin. Takes
        amortised O(log lineages).

        Args:
            silence: Seconds since the last signal. From ``idle_timeout`` on, event time continues
                from the newest signal at the speed of processing time.
            patience: Seconds by which event time then stays behind.
        """
        elapsed, last_sent, resumed = self.clock
        if last_sent is None:
            return NEVER
        if silence >= self.idle_timeout:
            return self.newest + max(0.0, silence - patience) - self.lateness
        if len(self._lineages) < self.expected and elapsed < resumed + self.idle_timeout:
            return NEVER
        return self._lowest_awaited() - self.lateness

    def _advance_clock(self, sent: float) -> None:
        elapsed, last_sent, resumed = self.clock
        silence = 0.0 if last_sent is None else sent - last_sent
        if silence >= self.idle_timeout:
            resumed = elapsed
            for name, state in self._lineages.items():
                if not state.is_awaited:
                    self._await(name, state)
        elif silence > 0.0:
            # One pause alone must not make a lineage idle.
            elapsed += min(silence, self.idle_timeout / 2)
        last_sent = sent if last_sent is None else max(sent, last_sent)
        self.clock = IdleClock(elapsed, last_sent, resumed)

    def _await(self, name: str, state: _Lineage) -> None:
        state.is_awaited = True
        heappush(self._awaited, (state.watermark, name))

    def _lowest_awaited(self) -> float:
        """Return the lowest watermark of the awaited lineages, after dropping the idle ones."""
        heap, (elapsed, _, resumed) = self._awaited, self.clock
        while True:
            watermark, name = heap[0]
            state = self._lineages[name]
            if max(state.heard, resumed) <= elapsed - self.idle_timeout:
                state.is_awaited = False
                heappop(heap)
            elif state.watermark > watermark:
                heapreplace(heap, (state.watermark, name))
            else:
                return watermark
