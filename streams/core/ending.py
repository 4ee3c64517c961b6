"""End tasks for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

_CANCEL_SECONDS: Final = 1.0


async def end_tasks(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until all have ended; what they return or raise is not looked at.

    One cancellation is not enough. `asyncio.wait_for` of Python 3.11 drops it if the awaited
    answer has come at the same moment, and aiokafka may take it for a time-out.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_CANCEL_SECONDS)
