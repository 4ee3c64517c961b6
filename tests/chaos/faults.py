"""Faults of processes: workers and brokers that die, stand still, and come back."""

import asyncio
import random
import time

from tests.chaos.run import SESSION_SECONDS, WORKERS, Run

_DICE = random.Random(20)
_SERVED_AFTER = 0.3
"""A commit that comes so soon after a kill may be one from before."""


async def kill_worker(run: Run, turn: int) -> None:
    """Kill one of two workers; its supervisor starts it again."""
    await asyncio.sleep(_DICE.uniform(0.3, 2.0))
    killed = time.monotonic()
    await run.workers.kill(turn % WORKERS)
    run.recoveries.append(_SERVED_AFTER + await run.all_served(killed + _SERVED_AFTER))


async def kill_worker_for_good(run: Run, turn: int) -> None:
    """Kill one of two workers, which stays away until the other has taken over."""
    await asyncio.sleep(1.0)
    killed = time.monotonic()
    await run.workers.kill(turn % WORKERS, for_good=True)
    run.recoveries.append(_SERVED_AFTER + await run.all_served(killed + _SERVED_AFTER))
    run.workers.start_all()
    await asyncio.sleep(4.0)
    await run.all_served(time.monotonic())


async def freeze_worker(run: Run, turn: int) -> None:
    """Freeze a worker past its session, then both, then the process of one agent alone."""
    if turn % 3 == 1:
        pids = [pid for slot in range(WORKERS) for pid in await _processes(run, slot)]
    elif turn % 3 == 2:
        pids = [_DICE.choice(await run.workers.children(turn % WORKERS))]
    else:
        pids = await _processes(run, turn % WORKERS)
    await run.workers.freeze(pids, SESSION_SECONDS + 3.0)
    await run.all_served(time.monotonic())


async def restart_workers(run: Run, _turn: int) -> None:
    """Restart the workers in turn, each once the one before serves again."""
    for slot in range(WORKERS):
        seconds = await run.workers.stop(slot)
        assert seconds < 10.0, f"a worker took {seconds:.1f} s to stop"
        await run.all_served(time.monotonic())
        run.workers.start(slot)
        await asyncio.sleep(4.0)
        await run.all_served(time.monotonic())


async def kill_broker(run: Run, _turn: int) -> None:
    """Kill the only broker, and start it again."""
    await asyncio.sleep(_DICE.uniform(0.3, 1.5))
    await asyncio.to_thread(run.site.kafka.kill)
    await asyncio.sleep(_DICE.uniform(0.0, 4.0))
    await asyncio.to_thread(run.site.kafka.restart)
    await run.all_served(time.monotonic())


async def _processes(run: Run, slot: int) -> list[int]:
    """Return the ids of a worker's processes, the children first: its parent waits for them."""
    return [*await run.workers.children(slot), await run.workers.pid(slot)]
