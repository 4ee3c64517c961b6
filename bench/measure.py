"""How fast a count rises, seen from outside."""

import time
from collections.abc import Callable, Mapping
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


def measure(peer: Peer, counts: Mapping[str, Callable[[], int]], target: int) -> Result:
    """Run ``peer`` until every count has reached ``target``.

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
        rates = {name: rise.rate for name, rise in rises.items()}
        return Result(peer.name, rates, wall, process.usage())


def _look(counts: Mapping[str, Callable[[], int]], rises: dict[str, Rise], target: int) -> bool:
    moved = False
    for name, count in counts.items():
        before = rises.get(name)
        if before and before.last >= target:
            continue
        now, at = count(), time.monotonic()
        if now > (before.last if before else 0):
            first, first_at = (before.first, before.first_at) if before else (now, at)
            rises[name] = Rise(first, first_at, now, at)
            moved = True
    return moved
