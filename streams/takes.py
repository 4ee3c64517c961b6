"""What a Faust stream has, all of it together, as soon as there is something."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any


async def takes(stream: Any, most: int) -> AsyncGenerator[list[Any]]:
    """Lists of the events that gathered while the last one was in hand, ``most`` at a time.

    They are not acked. Faust's `noack_take` gathers by looking at what it has every few
    milliseconds, which takes a twentieth of a core from a stage that has nothing to do; asked for
    single events it looks only when there is one.
    """
    waiting: asyncio.Queue[Any] = asyncio.Queue(most)
    gathering = asyncio.create_task(_gather(stream, waiting))
    try:
        while (first := await _next(waiting, gathering)) is not None:
            rest = [waiting.get_nowait() for _ in range(min(waiting.qsize(), most - 1))]
            yield [first, *rest]
    finally:
        gathering.cancel()
    gathering.result()


async def _gather(stream: Any, waiting: asyncio.Queue[Any]) -> None:
    async with aclosing(stream.noack_take(1, within=None)) as ones:
        async for (event,) in ones:
            await waiting.put(event)


async def _next(waiting: asyncio.Queue[Any], gathering: asyncio.Task[None]) -> Any:
    """The next event; None where the stream has ended."""
    if not waiting.empty():
        return waiting.get_nowait()
    getting = asyncio.ensure_future(waiting.get())
    try:
        await asyncio.wait((getting, gathering), return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not getting.done():
            getting.cancel()
    return getting.result() if getting.done() and not getting.cancelled() else None
