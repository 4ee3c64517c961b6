"""The pump over the log in memory counts each record once, whatever comes twice or goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from streams.core.backpressure import InFlightBudget
from streams.core.consumer import Chunk
from streams.core.errors import Fenced, FuseBlown
from streams.core.fuse import Fuse
from streams.core.lease import Leases
from streams.core.pump import Pump
from streams.core.record import Message, TopicPartition
from streams.core.stage import Stage
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog, MemorySession
from tests.streams.conftest import Counting, Memory, counting

NEVER_BLOWS = Fuse(share=1.0, window=1)
FIRST = TopicPartition("in", 0)


@pytest.fixture
def log() -> MemoryLog:
    """An empty log."""
    return MemoryLog(partitions=2)


def news(*values: bytes, key: bytes | None = None, partition: int = 0) -> list[Message]:
    """Return records for the stage."""
    return [Message("in", key, value, partition=partition) for value in values]


def values(log: MemoryLog, topic: str = "out") -> list[bytes | None]:
    """Return the values that were written to ``topic``."""
    return [record.value for record in log.read(topic)]


@asynccontextmanager
async def held(
    log: MemoryLog, stage: Stage[Memory], limit: int = 1 << 20
) -> AsyncIterator[tuple[Pump[Memory], Leases[Memory], InFlightBudget]]:
    """Hold all partitions, as a worker that has just joined, and release them at the end."""
    errors: list[BaseException] = []
    leases, budget = Leases(log, stage, errors.append), InFlightBudget(limit)
    partitions = range(log.partitions)
    await leases.hold([TopicPartition(stage.source, partition) for partition in partitions])
    yield Pump(stage, leases, budget, NEVER_BLOWS), leases, budget
    await leases.hold([])
    assert errors == []


def chunk(
    log: MemoryLog,
    done: list[str],
    *,
    partition: int = 0,
    begin: int = 0,
    is_current: bool = True,
) -> Chunk:
    """Return all records of a partition from offset ``begin`` on."""
    source = TopicPartition("in", partition)
    records = log.after(source, begin, 99)
    return Chunk(source, records, lambda: is_current, lambda: done.append("done"))


@pytest.mark.parametrize("size", [1, 3, 500])
async def test_everything_is_passed_on_once_in_order(log: MemoryLog, size: int) -> None:
    """Articles would be lost, doubled, or change places."""
    sent = [b"%d" % number for number in range(10)]
    log.append(news(*sent, key=b"k"))
    await drain(log, counting(), chunk=size)
    await drain(log, counting(), chunk=size)
    assert values(log) == sent
    assert await log.committed("group", FIRST) == 10


async def test_records_below_the_position_are_skipped(log: MemoryLog) -> None:
    """A rebalance fetches what is still being committed again: articles would count twice."""
    log.append(news(b"a", b"b"))
    done: list[str] = []
    async with held(log, counting()) as (pump, leases, _):
        await pump.process([chunk(log, done)])
        log.append(news(b"c"))
        await pump.process([chunk(log, done)])
        await pump.process([chunk(log, done, begin=1)])
        await leases.flush()
    assert values(log) == [b"a", b"b", b"c"]
    assert done == ["done"] * 3


async def test_a_chunk_of_an_earlier_generation_is_dropped(log: MemoryLog) -> None:
    """It may lie beyond records that are fetched again, which would then be skipped: a hole."""
    log.append(news(b"a", b"b"))
    done: list[str] = []
    async with held(log, counting()) as (pump, leases, _):
        await pump.process([chunk(log, done, begin=1, is_current=False)])
        assert done == ["done"]
        await pump.process([chunk(log, done)])
        await leases.flush()
    assert values(log) == [b"a", b"b"]


async def test_work_of_a_lost_lease_is_dropped(log: MemoryLog) -> None:
    """A worker would commit for a partition that another one has by now."""
    log.append([*news(b"a"), *news(b"b", partition=1)])
    done: list[str] = []
    handler = Counting()
    async with held(log, counting(handler=handler)) as (pump, leases, budget):
        handler.open.clear()
        processing = asyncio.create_task(
            pump.process([chunk(log, done), chunk(log, done, partition=1)])
        )
        await asyncio.sleep(0.01)
        await leases.hold([FIRST])
        handler.open.set()
        await asyncio.wait_for(processing, 1)
        await leases.flush()
        await pump.process([chunk(log, done, partition=1)])
        assert (budget.taken, done) == (0, ["done"] * 3)
    assert values(log) == [b"a"]
    assert await log.committed("group", TopicPartition("in", 1)) == 0


async def test_a_bug_in_the_handler_commits_nothing(log: MemoryLog) -> None:
    """A record that trips a bug would be skipped over in silence, or its neighbours with it."""
    log.append(news(b"a", b"bug"))
    with pytest.raises(ZeroDivisionError):
        await drain(log, counting())
    assert [log.read(topic) for topic in ("out", "dead", "state")] == [[], [], []]
    assert await log.committed("group", FIRST) == 0


async def test_a_restart_after_a_blown_fuse_sets_nothing_aside(log: MemoryLog) -> None:
    """In a supervisor's loop each restart would set another window of records aside."""
    log.append([Message("in", b"k", b"poison")] * 9)
    for _ in range(3):
        with pytest.raises(FuseBlown):
            await drain(log, counting(), chunk=4, fuse=Fuse(share=0.5, window=5))
    assert len(log.read("dead")) == 4
    await drain(log, counting(), chunk=4)
    assert len(log.read("dead")) == 9


async def test_a_blown_fuse_commits_nothing_of_the_batch(log: MemoryLog) -> None:
    """A bad deploy would drain the topic into the dead letters."""
    log.append(news(b"a", b"b", b"poison", b"poison"))
    with pytest.raises(FuseBlown):
        await drain(log, counting(), chunk=2, fuse=Fuse(share=0.5, window=2))
    assert (values(log), values(log, "dead")) == ([b"a", b"b"], [])
    assert await log.committed("group", FIRST) == 2


async def test_dead_letters_are_committed_with_the_rest(log: MemoryLog) -> None:
    """One poisonous record would stop its partition for good."""
    log.append(news(b"a", b"poison", b"b"))
    await drain(log, counting())
    assert (values(log), values(log, "dead")) == ([b"a", b"b"], [b"poison"])


async def test_a_tick_reaches_only_silent_partitions(log: MemoryLog) -> None:
    """Alerts would never resolve when news stop, or resolve while they come in."""
    log.append(news(b"a"))
    async with held(log, counting(tick_seconds=0.05)) as (pump, leases, _):
        await asyncio.sleep(0.06)
        await pump.process([chunk(log, [])])
        await pump.tick()
        await leases.flush()
    assert values(log) == [b"a", b"tick"]
    assert [record.partition for record in log.read("out")] == [0, 1]
    assert await log.committed("group", TopicPartition("in", 1)) == 0


async def test_the_pump_waits_for_commits() -> None:
    """A broker slower than the handler would fill the worker's memory."""
    log = Slow(partitions=1)
    log.append(news(b"a"))
    handler, done = Counting(), list[str]()
    async with held(log, counting(handler=handler), limit=1) as (pump, leases, _):
        await pump.process([chunk(log, done)])
        log.append(news(b"b"))
        processing = asyncio.create_task(pump.process([chunk(log, done, begin=1)]))
        await asyncio.sleep(0.02)
        assert handler.batches == [(0, [b"a"])]
        log.gate.set()
        await asyncio.wait_for(processing, 1)
        await leases.flush()
    assert values(log) == [b"a", b"b"]


async def test_chunks_over_the_budget_together_get_through(log: MemoryLog) -> None:
    """Two large chunks taken at once would wait for each other for ever."""
    log.append([*news(b"a"), *news(b"b", partition=1)])
    async with held(log, counting(), limit=1) as (pump, leases, budget):
        chunks = [chunk(log, []), chunk(log, [], partition=1)]
        await asyncio.wait_for(pump.process(chunks), 1)
        await leases.flush()
        assert budget.taken == 0
    assert values(log) == [b"a", b"b"]


async def test_a_fenced_stage_says_so() -> None:
    """A worker that was taken for dead would hang, or go on, when it wakes up."""
    log = Fencing(partitions=1)
    log.append(news(b"a"))
    with pytest.raises(Fenced):
        await asyncio.wait_for(drain(log, counting()), 2)
    assert values(log) == []


class Slow(MemoryLog):
    """A log whose commits wait for its gate."""

    def __init__(self, partitions: int) -> None:
        super().__init__(partitions)
        self.gate = asyncio.Event()

    async def open(self, group: str, source: TopicPartition) -> "SlowSession":
        session = await super().open(group, source)
        return SlowSession(self, group, source, session.epoch)


class SlowSession(MemorySession):
    """A session of `Slow`."""

    async def commit(self, messages: Sequence[Message], position: int, note: str = "") -> None:
        assert isinstance(self.log, Slow)
        await self.log.gate.wait()
        await super().commit(messages, position, note)


class Fencing(MemoryLog):
    """A log in which another worker opens the same session right away."""

    async def open(self, group: str, source: TopicPartition) -> MemorySession:
        session = await super().open(group, source)
        await super().open(group, source)
        return session
