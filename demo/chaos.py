"""Kills workers as a machine that loses power does: no warning, no chance to finish."""

import asyncio
import random
from collections.abc import Callable
from typing import NamedTuple

from infra.supervisor import Supervisor

KILLS = 5
"""At least so many in one run."""
_RETRY_SECONDS = 0.1
_IDLE_SECONDS = 12.0


class Kill(NamedTuple):
    """One SIGKILL."""

    worker: str
    pid: int


async def rampage(
    supervisor: Supervisor,
    *,
    gap: float,
    done: Callable[[], int],
    enough: Callable[[int], bool],
    killed: Callable[[Kill], None],
) -> None:
    """SIGKILL one worker after the other, about ``gap`` seconds apart, until it is ``enough``.

    The gap begins when ``done``, the work so far, grows again: a dead worker's partitions wait out
    its session, and a kill in that time would hit only workers that have nothing in hand.
    """
    dice = random.Random(2031)  # noqa: S311 - when, not what: nobody gains by guessing it
    count, workers = 0, len(supervisor.status)
    while not enough(count):
        await _busy(done)
        await asyncio.sleep(gap * dice.uniform(0.5, 1.5))
        killed(await _kill(supervisor, count % workers))
        count += 1


async def _busy(done: Callable[[], int]) -> None:
    before, loop = done(), asyncio.get_running_loop()
    deadline = loop.time() + _IDLE_SECONDS
    while done() == before and loop.time() < deadline:  # noqa: ASYNC110 - nobody tells us
        await asyncio.sleep(_RETRY_SECONDS)


async def _kill(supervisor: Supervisor, index: int) -> Kill:
    while (pid := supervisor.kill(index)) is None:  # noqa: ASYNC110 - it lives in threads
        await asyncio.sleep(_RETRY_SECONDS)
    return Kill(supervisor.status[index].name, pid)
