"""Tasks that are ended have ended, however their clients take it."""

import asyncio
from contextlib import suppress

from streams.kafka.connection import end_tasks


async def test_a_task_that_drops_a_cancellation_ends_all_the_same() -> None:
    """A dashboard that is asked to stop would go on for ever."""

    async def drop_first() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)

    async def fail() -> None:
        raise ValueError

    tasks = [asyncio.create_task(drop_first()), asyncio.create_task(fail())]
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end_tasks(tasks)
    assert tasks[0].cancelled()
    assert isinstance(tasks[1].exception(), ValueError)
