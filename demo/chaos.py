"""Kills of workers by SIGKILL, as if their machine lost power: no warning, no time to finish."""

import asyncio
import random
from collections.abc import Callable
from typing import Final, NamedTuple

from infra.supervisor import Supervisor

MIN_KILLS: Final = 5
"""A run of ``demo --chaos`` kills workers at least so many times."""

_POLL_SECONDS: Final = 0.1

_MAX_IDLE_SECONDS: Final = 12.0
"""The next kill comes after this time even if the workers committed nothing meanwhile."""


class Kill(NamedTuple):
    """One SIGKILL: the name of the worker and the id of its process."""

    worker: str
    pid: int


async def kill_workers(
    supervisor: Supervisor,
    *,
    gap: float,
    done: Callable[[], int],
    enough: Callable[[int], bool],
    killed: Callable[[Kill], None],
) -> None:
    """Kill one worker after the other, about ``gap`` seconds apart.

    The gap begins when the workers commit again: a dead worker's partitions stay with it until its
    session expires, and a kill in that time would hit only workers without work in hand.

    Args:
        supervisor: The supervisor of the workers.
        gap: Mean time between two kills, in seconds.
        done: Returns the number of records that the workers have committed.
        enough: Takes the number of kills so far and returns True to end.
        killed: Is called after each kill.
    """
    dice = random.Random(2031)  # noqa: S311 - times of kills, no secret
    kills, workers = 0, len(supervisor.status)
    clock = asyncio.get_running_loop().time
    while not enough(kills):
        before, deadline = done(), clock() + _MAX_IDLE_SECONDS
        while done() == before and clock() < deadline:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(_POLL_SECONDS)
        await asyncio.sleep(gap * dice.uniform(0.5, 1.5))
        index = kills % workers
        while (pid := supervisor.kill(index)) is None:  # noqa: ASYNC110 - it runs in threads
            await asyncio.sleep(_POLL_SECONDS)
        killed(Kill(supervisor.status[index].name, pid))
        kills += 1
