"""How fast a count rises, seen from outside."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from peer import Peer, Usage, running

_POLL_SECONDS = 0.01
_STALLED_SECONDS = 120.0


class Rise(NamedTuple):
    """A count when it was first seen above nothing and when it first reached the target."""

    first: int
    first_at: float
    last: int
    last_at: float

    @property
    def rate(self) -> float:
        """A second. What the first sight had is not counted: its time began before.

        NaN when one commit held it all.
        """
        seconds = self.last_at - self.first_at
        return (self.last - self.first) / seconds if seconds > 0 else float("nan")


class Result(NamedTuple):
    """One run of one peer; ``wall`` is seconds from the start of the process to the target."""

    peer: str
    rates: Mapping[str, float]
    wall: float
    usage: Usage


def measure(peer: Peer, unit: str, counts: Mapping[str, Callable[[], int]], target: int) -> Result:
    """Run ``peer`` until every count has reached ``target``; the rate is that of the slowest.

    It begins when the first of the counts rises, so that a peer that does its stages one after the
    other is not taken for one that does only the last.

    Raises:
        Died: it ended first.
        TimeoutError: no count moved for two minutes.
    """
    with running(peer) as process:
        rises: dict[str, Rise] = {}
        moved = time.monotonic()
        while not all(name in rises and rises[name].last >= target for name in counts):
            process.check()
            if _look(counts, rises, target):
                moved = time.monotonic()
            if time.monotonic() - moved > _STALLED_SECONDS:
                raise TimeoutError(f"{peer.name} stalled at {rises}:\n{process.said()}")
            time.sleep(_POLL_SECONDS)
        wall = max(rise.last_at for rise in rises.values()) - process.started
        return Result(peer.name, {unit: _whole(rises.values()).rate}, wall, process.usage())


def _whole(rises: Collection[Rise]) -> Rise:
    first = min(rises, key=lambda rise: rise.first_at)
    last = max(rises, key=lambda rise: rise.last_at)
    return Rise(first.first, first.first_at, last.last, last.last_at)


def _look(counts: Mapping[str, Callable[[], int]], rises: dict[str, Rise], target: int) -> bool:
    """Whether a count moved. One is asked for only once the count before it has risen.

    librdkafka 2.12 may crash when it is asked for the offsets of a group that does not exist yet.
    """
    moved = False
    for name, count in counts.items():
        before = rises.get(name)
        if before is None or before.last < target:
            moved |= _rose(rises, name, count())
        if name not in rises:
            break
    return moved


def _rose(rises: dict[str, Rise], name: str, now: int) -> bool:
    before, at = rises.get(name), time.monotonic()
    if now <= (before.last if before else 0):
        return False
    first, first_at = (before.first, before.first_at) if before else (now, at)
    rises[name] = Rise(first, first_at, now, at)
    return True
