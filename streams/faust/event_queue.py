"""Events of a Faust stream, taken together as soon as there is one."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Generic, Protocol, TypeVar

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


class EventStream(Protocol[E_co]):
    """The part of a Faust stream that is used here."""

    def noack_take(
        self, limit: int, /, within: float | None
    ) -> AsyncGenerator[Sequence[E_co], None]:
        """Yield lists of ``limit`` events that nothing has acknowledged."""


class EventQueue(Generic[E]):
    """Gathers the events of a stream, up to ``max_events``, while the caller is busy.

    Faust's `noack_take` gathers by looking at its buffer every few milliseconds, which takes a
    twentieth of a core from a stage that has nothing to do; asked for single events it looks only
    when there is one.
    """

    def __init__(self, stream: EventStream[E], max_events: int) -> None:
        self._queue: asyncio.Queue[E] = asyncio.Queue(max_events)
        self._gathering = asyncio.create_task(self._gather(stream))

    async def get_some(self) -> list[E]:
        """Wait for at least one event and return all that gathered; none if the stream has ended.

        Raises:
            Exception: The stream failed.
        """
        if self._queue.empty():
            first = asyncio.ensure_future(self._queue.get())
            await asyncio.wait((first, self._gathering), return_when=asyncio.FIRST_COMPLETED)
            if first.done():
                return [first.result(), *self.drain()]
            first.cancel()
            self._gathering.result()
        return self.drain()

    def drain(self) -> list[E]:
        """Return all events that gathered, perhaps none."""
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]

    async def aclose(self) -> None:
        """Stop gathering events."""
        self._gathering.cancel()
        with suppress(asyncio.CancelledError, Exception):  # `get_some` has raised it
            await self._gathering

    async def _gather(self, stream: EventStream[E]) -> None:
        async with aclosing(stream.noack_take(1, within=None)) as events:
            async for (event,) in events:
                await self._queue.put(event)
