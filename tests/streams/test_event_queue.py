"""What a stage gets from a stream at a time. With Faust's own streams: test_worker_kafka.py."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from streams.faust.event_queue import EventQueue

MOST = 4


class Stream:
    """Hands out what was said, an event at a time, as Faust's do when asked for one."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[int | None] = asyncio.Queue()
        self.closed = False

    async def say(self, *values: int | None) -> None:
        """Have ``values`` come; None ends it."""
        for value in values:
            self.said.put_nowait(value)
        for _ in range(4 * MOST):
            await asyncio.sleep(0)

    async def noack_take(self, most: int, within: float | None) -> AsyncGenerator[list[int]]:
        """Lists of ``most`` values; without a time limit, only when there are as many."""
        assert (most, within) == (1, None)
        try:
            while (value := await self.said.get()) is not None:
                if value < 0:
                    raise RuntimeError("broken")
                yield [value]
        finally:
            self.closed = True


async def test_what_gathers_meanwhile_comes_together() -> None:
    """A model would get its articles by ones, or a lone one would wait for others."""
    stream = Stream()
    async with aclosing(EventQueue(stream, MOST)) as taken:
        coming = asyncio.ensure_future(taken.get_some())
        await stream.say(0)
        assert coming.done()
        assert coming.result() == [0]
        assert taken.drain() == []
        await stream.say(2, 3, 4, 5, 6, 7)
        assert await taken.get_some() == [2, 3, 4, 5]
        await stream.say()
        assert taken.drain() == [6, 7]


async def test_no_more_is_taken_in_than_was_asked_for() -> None:
    """Memory would grow with the backlog while a stage is busy."""
    stream = Stream()
    async with aclosing(EventQueue(stream, MOST)):
        await stream.say(*range(100))
        assert stream.said.qsize() >= 100 - MOST - 1


async def test_it_ends_with_the_stream() -> None:
    """A worker that was told to stop would wait for ever."""
    stream = Stream()
    await stream.say(1, 2, None)
    async with aclosing(EventQueue(stream, MOST)) as taken:
        assert [await taken.get_some(), await taken.get_some()] == [[1, 2], []]


async def test_a_stream_that_fails_is_heard_of() -> None:
    """A worker would do nothing from then on, and look alive."""
    stream = Stream()
    async with aclosing(EventQueue(stream, MOST)) as taken:
        await stream.say(1, -1)
        assert await taken.get_some() == [1]
        with pytest.raises(RuntimeError, match="broken"):
            await taken.get_some()


async def test_whoever_goes_away_closes_the_stream() -> None:
    """Events would be taken in that nobody handles."""
    stream = Stream()
    async with aclosing(EventQueue(stream, MOST)) as taken:
        await stream.say(1)
        await taken.get_some()
    assert stream.closed
