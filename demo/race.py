import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def race(goal: Coroutine[Any, Any, T], *company: Coroutine[Any, Any, object]) -> T:
    """Run ``goal`` to its end with the ``company`` running beside it, cancelled when it is done.

    Raises:
        Exception: the first failure of any of them, as it is: a task group would wrap it.
    """
    main = asyncio.create_task(goal)
    tasks = {main, *(asyncio.create_task(other) for other in company)}
    try:
        pending: set[asyncio.Task[Any]] = set(tasks)
        while not main.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        return main.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
