"""The pump pauses while its handler can't decide: nothing is lost, doubled, or held back."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.backpressure import InFlightBudget
from streams.core.consumer import Chunk, ReadProgress
from streams.core.fuse import Fuse
from streams.core.handler import Batch, Decision, Unavailable
from streams.core.lease import Leases
from streams.core.pump import Pump
from streams.core.record import Message, TopicPartition
from streams.faust.stage_status import StageStatus
from streams.testing.drain import drain
from streams.testing.memory_consumer import MemoryConsumer
from streams.testing.memory_log import MemoryLog
from tests.streams.conftest import Counting, Memory, Reluctant, counting

FIRST = TopicPartition("in", 0)
SECONDS = 5


class Held:
    """A pump whose partitions are all held, and what it reported."""

    def __init__(self, log: MemoryLog, handler: Counting) -> None:
        self.log = log
        self.errors: list[BaseException] = []
        self.done: list[str] = []
        self.budget = InFlightBudget(1 << 20)
        stage = counting(handler=handler, tick_seconds=0.01)
        self.leases: Leases[Memory] = Leases(log, stage, self.errors.append)
        self.pump = Pump(stage, self.leases, self.budget, Fuse(share=1.0, window=1))

    def chunk(self, name: str, begin: int, count: int) -> Chunk:
        """Return records as a consumer would that fetches them now."""
        rewinds = self.pump.pause.rewinds
        return Chunk(
            FIRST,
            self.log.after(FIRST, begin, count),
            lambda: self.pump.pause.rewinds == rewinds,
            lambda: self.done.append(name),
        )

    async def until_resumed(self) -> None:
        """Wait until the pause is over."""
        async with asyncio.timeout(SECONDS):
            while self.pump.pause.is_on:  # noqa: ASYNC110 - a consumer looks at it in the same way
                await asyncio.sleep(0.01)


@asynccontextmanager
async def holding(log: MemoryLog, handler: Counting) -> AsyncIterator[Held]:
    """Hold the partition, and release it at the end."""
    held = Held(log, handler)
    await held.leases.hold([FIRST])
    yield held
    await held.leases.hold([])


def sent(*values: bytes) -> MemoryLog:
    """Return a log with records of one key in one partition."""
    log = MemoryLog(partitions=1)
    log.append([Message("in", b"k", value, partition=0) for value in values])
    return log


def values(log: MemoryLog) -> list[bytes | None]:
    """Return the values that were written."""
    return [record.value for record in log.read("out")]


async def test_the_same_records_come_again_after_a_pause() -> None:
    """Articles would be lost that the model could not score, or be counted twice."""
    log, handler = sent(b"a", b"b", b"c"), Reluctant()
    async with holding(log, handler) as held:
        await held.pump.process([held.chunk("1", 0, 1), held.chunk("2", 1, 1)])
        assert held.leases.held[FIRST].position == 0
        assert (held.budget.taken, sorted(held.done)) == (0, ["1", "2"])
        assert await log.committed("group", FIRST) == 0
        handler.up.set()
        await held.until_resumed()
        await held.pump.process([held.chunk("3", 0, 3)])
        await held.leases.flush()
        assert held.errors == []
    assert values(log) == [b"a", b"b", b"c"]
    assert await log.committed("group", FIRST) == 3


async def test_what_was_fetched_before_a_pause_is_dropped_after_it() -> None:
    """It lies beyond the records that are fetched again, which would be skipped: a hole."""
    log, handler = sent(b"a", b"b", b"c"), Reluctant()
    async with holding(log, handler) as held:
        early, late = held.chunk("early", 1, 1), held.chunk("late", 2, 1)
        await held.pump.process([held.chunk("first", 0, 1)])
        await held.pump.process([early])
        handler.up.set()
        await held.until_resumed()
        await held.pump.process([late])
        assert sorted(held.done) == ["early", "first", "late"]
        assert held.leases.held[FIRST].position == 0
        await held.pump.process([held.chunk("again", 0, 3)])
        await held.leases.flush()
    assert values(log) == [b"a", b"b", b"c"]


async def test_nothing_is_decided_in_a_pause() -> None:
    """A tick would count silence for news that only waits, or ask a model that is down."""
    log, handler = sent(b"a"), Reluctant()
    async with holding(log, handler) as held:
        await held.pump.process([held.chunk("1", 0, 1)])
        held.leases.held[FIRST].last_handled = 0.0
        await held.pump.tick()
        await held.pump.process([held.chunk("2", 0, 1)])
        assert (handler.refused, held.done) == (1, ["1", "2"])
        assert not handler.batches


async def test_a_pump_stops_at_once_in_a_pause() -> None:
    """A worker would wait for a model that never comes back, until it is killed."""
    log, handler = sent(b"a"), Reluctant()
    async with holding(log, handler) as held:
        await held.pump.process([held.chunk("1", 0, 1)])
        await asyncio.wait_for(held.pump.stop(), 1)
        handler.up.set()
        await held.pump.process([held.chunk("2", 0, 1)])
        assert not handler.batches


async def test_a_handler_that_gives_up_ends_the_process() -> None:
    """A worker would pause for ever although the settings name a limit."""

    class GivesUp(Reluctant):
        async def available(self) -> None:
            raise TimeoutError("the limit")

    async with holding(sent(b"a"), GivesUp()) as held:
        await held.pump.process([held.chunk("1", 0, 1)])
        async with asyncio.timeout(SECONDS):
            while not held.errors:  # noqa: ASYNC110 - that is how a worker notices
                await asyncio.sleep(0.01)
        assert held.pump.pause.is_on
    assert str(held.errors[0]) == "the limit"


class Ahead(MemoryConsumer):
    """A consumer that has read all, as one that prefetches has."""

    async def read_progress(self) -> Mapping[TopicPartition, ReadProgress]:
        return {FIRST: ReadProgress(self.log.end(FIRST), self.log.end(FIRST))}


async def test_a_paused_stage_says_so_and_how_much_waits() -> None:
    """A worker that does nothing would look ready, and its lag be hidden."""
    log, handler = sent(b"a", b"b"), Reluctant()
    async with holding(log, handler) as held:
        status = StageStatus(held.pump, Ahead(log, held.pump))
        assert status.obstacles() == []
        await held.pump.process([held.chunk("1", 0, 2)])
        assert status.obstacles() == ["count has paused: the model is out"]
        assert await status.behind() == 2
        handler.up.set()
        await held.until_resumed()
        assert status.obstacles() == []


class Moody(Counting):
    """A handler that is unavailable at the calls with these numbers."""

    def __init__(self, bad: frozenset[int]) -> None:
        super().__init__()
        self.bad = bad
        self.asked = 0

    async def handle(self, batches: Sequence[Batch[Memory]]) -> list[Decision]:
        self.asked += 1
        if self.asked in self.bad:
            raise Unavailable
        return await super().handle(batches)


@pytest.mark.property
@given(st.frozensets(st.integers(1, 30)), st.integers(1, 9))
def test_each_record_is_counted_once_however_often_it_pauses(
    bad: frozenset[int], chunk: int
) -> None:
    """A model that comes and goes would cost articles, or have some scored twice."""
    numbers = [b"%d" % number for number in range(12)]
    log = sent(*numbers)
    asyncio.run(drain(log, counting(handler=Moody(bad)), chunk=chunk))
    assert values(log) == numbers
    counts = [dict(record.headers)["count"] for record in log.read("out")]
    assert counts == [b"%d" % number for number in range(1, 13)]
