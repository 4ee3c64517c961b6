"""Kills workers as a machine that loses power does: no warning, no chance to finish."""

import asyncio
import random
from collections.abc import Callable
from typing import NamedTuple

from infra.supervisor import Supervisor

KILLS = 5
"""At least so many in one run."""
_RETRY_SECONDS = 0.1


class Kill(NamedTuple):
    """One SIGKILL."""

    worker: str
    pid: int


async def rampage(
    supervisor: Supervisor,
    *,
    gap: float,
    enough: Callable[[int], bool],
    killed: Callable[[Kill], None],
) -> None:
    """SIGKILL one worker after the other about every ``gap`` seconds until it is ``enough``."""
    dice = random.Random(2031)  # noqa: S311 - when, not what: nobody gains by guessing it
    count, workers = 0, len(supervisor.status)
    while not enough(count):
        await asyncio.sleep(gap * dice.uniform(0.6, 1.4))
        killed(await _kill(supervisor, count % workers))
        count += 1


async def _kill(supervisor: Supervisor, index: int) -> Kill:
    while (pid := supervisor.kill(index)) is None:  # noqa: ASYNC110 - it lives in threads
        await asyncio.sleep(_RETRY_SECONDS)
    return Kill(supervisor.status[index].name, pid)
