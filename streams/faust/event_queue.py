"""What a Faust stream has, all of it together, as soon as there is something."""

import asyncio
from contextlib import aclosing, suppress
from typing import Any


class EventQueue:
    """Events that gather while others are in hand, ``most`` at a time. They are not acked.

    Faust's `noack_take` gathers by looking at what it has every few milliseconds, which takes a
    twentieth of a core from a stage that has nothing to do; asked for single events it looks only
    when there is one.
    """

    def __init__(self, stream: Any, most: int) -> None:
        self._waiting: asyncio.Queue[Any] = asyncio.Queue(most)
        self._gathering = asyncio.create_task(self._gather(stream))

    async def some(self) -> list[Any]:
        """What has gathered, at least one; none where the stream has ended.

        Raises:
            Exception: whatever the stream raised.
        """
        if self._waiting.empty():
            getting = asyncio.ensure_future(self._waiting.get())
            await asyncio.wait((getting, self._gathering), return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                return [getting.result(), *self.more()]
            getting.cancel()
            self._gathering.result()
        return self.more()

    def more(self) -> list[Any]:
        """What has gathered, perhaps nothing."""
        return [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]

    async def aclose(self) -> None:
        """Take nothing more."""
        self._gathering.cancel()
        with suppress(asyncio.CancelledError, Exception):  # of failures, `some` tells
            await self._gathering

    async def _gather(self, stream: Any) -> None:
        async with aclosing(stream.noack_take(1, within=None)) as ones:
            async for (event,) in ones:
                await self._waiting.put(event)
