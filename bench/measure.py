"""Measure from outside how fast a peer's counts rise."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from peer import Peer, Usage, running

_POLL_SECONDS = 0.01
_STALLED_SECONDS = 120.0
_USAGE_SECONDS = 1.0
"""The time between two looks at the memory of all processes, each of which takes milliseconds."""


class Rise(NamedTuple):
    """The first and the last sight of a count.

    Attributes:
        first: the count when it was first above 0.
        first_at: the time of that sight.
        last: the latest count.
        last_at: the time of that sight.
    """

    first: int
    first_at: float
    last: int
    last_at: float

    @property
    def rate(self) -> float:
        """The rise a second after the first sight; NaN if one commit held all records."""
        seconds = self.last_at - self.first_at
        return (self.last - self.first) / seconds if seconds > 0 else float("nan")


class Result(NamedTuple):
    """A run of a peer.

    Attributes:
        peer: its name.
        rates: of each unit, a second.
        wall: seconds from the start of the process to the target.
        usage: of processor and memory; ``together`` is its largest value of those looked at.
    """

    peer: str
    rates: Mapping[str, float]
    wall: float
    usage: Usage


def measure(peer: Peer, unit: str, counts: Mapping[str, Callable[[], int]], target: int) -> Result:
    """Run ``peer`` until every count has reached ``target``, and return the overall rate.

    The rate is from the first rise of any count to the last count at its target. So a peer that
    runs its stages one after the other is charged for all of them.

    Raises:
        Died: the peer ended first.
        TimeoutError: no count moved for two minutes.
    """
    with running(peer) as process:
        rises: dict[str, Rise] = {}
        looked = moved = time.monotonic()
        together = 0.0
        while not all(name in rises and rises[name].last >= target for name in counts):
            process.check()
            if _look(counts, rises, target):
                moved = time.monotonic()
            if time.monotonic() - moved > _STALLED_SECONDS:
                raise TimeoutError(f"{peer.name} stalled at {rises}:\n{process.log_end()}")
            if time.monotonic() - looked > _USAGE_SECONDS:
                looked = time.monotonic()
                together = max(together, process.usage().together)
            time.sleep(_POLL_SECONDS)
        wall = max(rise.last_at for rise in rises.values()) - process.started
        usage = process.usage()
        usage = usage._replace(together=max(together, usage.together))
        return Result(peer.name, {unit: _overall(rises.values()).rate}, wall, usage)


def _overall(rises: Collection[Rise]) -> Rise:
    first = min(rises, key=lambda rise: rise.first_at)
    last = max(rises, key=lambda rise: rise.last_at)
    return Rise(first.first, first.first_at, last.last, last.last_at)


def _look(counts: Mapping[str, Callable[[], int]], rises: dict[str, Rise], target: int) -> bool:
    """Update ``rises``, and return whether a count rose.

    A count is asked for only once the one before it has risen, because librdkafka 2.12 may crash
    when it is asked for the offsets of a group that does not exist yet.
    """
    moved = False
    for name, count in counts.items():
        before = rises.get(name)
        if before is None or before.last < target:
            moved |= _update(rises, name, count())
        if name not in rises:
            break
    return moved


def _update(rises: dict[str, Rise], name: str, count: int) -> bool:
    before, now = rises.get(name), time.monotonic()
    if count <= (before.last if before else 0):
        return False
    first, first_at = (before.first, before.first_at) if before else (count, now)
    rises[name] = Rise(first, first_at, count, now)
    return True
