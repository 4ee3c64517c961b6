"""Events of a stream are taken together. Faust's own streams: test_worker_kafka.py."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from streams.faust.event_queue import EventQueue

MAX_EVENTS = 4


class Stream:
    """Yields the values that a test sends, one at a time, as Faust's streams do."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[int | None] = asyncio.Queue()
        self.closed = False

    async def send(self, *values: int | None) -> None:
        """Let ``values`` come; None ends the stream."""
        for value in values:
            self.sent.put_nowait(value)
        for _ in range(4 * MAX_EVENTS):
            await asyncio.sleep(0)

    async def noack_take(self, limit: int, /, within: float | None) -> AsyncGenerator[list[int]]:
        """Yield lists of one value, as they come."""
        assert (limit, within) == (1, None)
        try:
            while (value := await self.sent.get()) is not None:
                if value < 0:
                    raise RuntimeError("broken")
                yield [value]
        finally:
            self.closed = True


async def test_what_gathers_meanwhile_comes_together() -> None:
    """A model would get its articles by ones, or a lone one would wait for others."""
    stream = Stream()
    async with aclosing(EventQueue(stream, MAX_EVENTS)) as events:
        coming = asyncio.ensure_future(events.get_some())
        await stream.send(0)
        assert coming.done()
        assert coming.result() == [0]
        assert events.drain() == []
        await stream.send(2, 3, 4, 5, 6, 7)
        assert await events.get_some() == [2, 3, 4, 5]
        await stream.send()
        assert events.drain() == [6, 7]


async def test_no_more_is_taken_in_than_was_asked_for() -> None:
    """Memory would grow with the backlog while a stage is busy."""
    stream = Stream()
    async with aclosing(EventQueue(stream, MAX_EVENTS)):
        await stream.send(*range(100))
        assert stream.sent.qsize() >= 100 - MAX_EVENTS - 1


async def test_large_events_fill_the_queue_sooner() -> None:
    """A backlog of full chunks would take sixteen times the memory of a queue of records."""
    stream = Stream()
    async with aclosing(EventQueue(stream, 10, size_of=lambda value: value)) as events:
        await stream.send(3, 3, 3, 3, 3)
        assert await events.get_some() == [3, 3, 3, 3]
        await stream.send(50, 50)
        assert events.drain() == [3, 50]
        await stream.send()
        assert events.drain() == [50]


async def test_the_queue_ends_with_the_stream() -> None:
    """A worker that was told to stop would wait for ever."""
    stream = Stream()
    await stream.send(1, 2, None)
    async with aclosing(EventQueue(stream, MAX_EVENTS)) as events:
        assert [await events.get_some(), await events.get_some()] == [[1, 2], []]


async def test_the_failure_of_a_stream_is_raised() -> None:
    """A worker would do nothing from then on, and look alive."""
    stream = Stream()
    async with aclosing(EventQueue(stream, MAX_EVENTS)) as events:
        await stream.send(1, -1)
        assert await events.get_some() == [1]
        with pytest.raises(RuntimeError, match="broken"):
            await events.get_some()


async def test_closing_the_queue_closes_the_stream() -> None:
    """Events would be taken in that nobody handles."""
    stream = Stream()
    async with aclosing(EventQueue(stream, MAX_EVENTS)) as events:
        await stream.send(1)
        await events.get_some()
    assert stream.closed
