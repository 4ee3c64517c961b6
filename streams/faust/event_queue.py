"""Events of a Faust stream, taken together as soon as there is one."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
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
    """Gathers the events of a stream while the caller is busy, until they are large enough.

    Faust's `noack_take` gathers by looking at its buffer every few milliseconds, which takes a
    twentieth of a core from a stage that has nothing to do; asked for single events it looks only
    when there is one.

    Args:
        stream: The stream.
        max_size: The size of all gathered events from which on no further one is taken in.
        size_of: Returns the size of an event.
    """

    def __init__(
        self, stream: EventStream[E], max_size: int, size_of: Callable[[E], int] = lambda _: 1
    ) -> None:
        self._max_size = max_size
        self._size_of = size_of
        self._events: list[E] = []
        self._size = 0
        self._arrived = asyncio.Event()
        self._has_room = asyncio.Event()
        self._gathering = asyncio.create_task(self._gather(stream))

    async def get_some(self) -> list[E]:
        """Wait for at least one event and return all that gathered; none if the stream has ended.

        Raises:
            Exception: The stream failed.
        """
        if not self._events:
            self._arrived.clear()
            arrival = asyncio.ensure_future(self._arrived.wait())
            await asyncio.wait((arrival, self._gathering), return_when=asyncio.FIRST_COMPLETED)
            arrival.cancel()
            if not self._events:
                self._gathering.result()
        return self.drain()

    def drain(self) -> list[E]:
        """Return all events that gathered, perhaps none."""
        events, self._events, self._size = self._events, [], 0
        self._has_room.set()
        return events

    async def aclose(self) -> None:
        """Stop gathering events."""
        self._gathering.cancel()
        with suppress(asyncio.CancelledError, Exception):  # `get_some` has raised it
            await self._gathering

    async def _gather(self, stream: EventStream[E]) -> None:
        async with aclosing(stream.noack_take(1, within=None)) as events:
            async for (event,) in events:
                self._events.append(event)
                self._size += self._size_of(event)
                self._arrived.set()
                while self._size >= self._max_size:
                    self._has_room.clear()
                    await self._has_room.wait()
