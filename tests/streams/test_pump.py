"""The pump over the log in memory: each record counts once, whatever comes twice or goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from streams.core.backpressure import InFlightBudget
from streams.core.errors import Fenced, FuseBlown
from streams.core.fuse import Fuse
from streams.core.lease import Leases
from streams.core.pump import Chunk, Pump
from streams.core.record import Message, TopicPartition
from streams.core.stage import Stage
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

Stages = Callable[..., Stage[Any]]
NEVER = Fuse(share=1.0, window=1)
ONE = TopicPartition("in", 0)


@pytest.fixture
def log() -> MemoryLog:
    """An empty log."""
    return MemoryLog(partitions=2)


def news(*values: bytes, key: bytes | None = None, partition: int = 0) -> list[Message]:
    """Records for the stage."""
    return [Message("in", key, value, partition=partition) for value in values]


def values(log: MemoryLog, topic: str = "out") -> list[bytes | None]:
    """What was written to ``topic``."""
    return [record.value for record in log.read(topic)]


@asynccontextmanager
async def held(
    log: MemoryLog, stage: Stage[Any], limit: int = 1 << 20
) -> AsyncIterator[tuple[Pump, Leases, InFlightBudget]]:
    """A pump with all leases, as a worker that has just joined."""
    errors: list[BaseException] = []
    leases, budget = Leases(log, stage, errors.append), InFlightBudget(limit)
    await leases.hold([TopicPartition(stage.source, part) for part in range(log.partitions)])
    yield Pump(stage, leases, budget, NEVER), leases, budget
    await leases.hold([])
    assert errors == []


def chunk(
    log: MemoryLog, done: list[str], *, first: int = 0, fresh: bool = True, **at: int
) -> Chunk:
    """All records of a partition from offset ``first`` on."""
    source = TopicPartition("in", at.get("partition", 0))
    return Chunk(source, log.after(source, first, 99), lambda: fresh, lambda: done.append("done"))


@pytest.mark.parametrize("size", [1, 3, 500])
async def test_everything_is_passed_on_once_in_order(
    log: MemoryLog, counting: Stages, size: int
) -> None:
    """Articles would be lost, doubled, or change places."""
    sent = [b"%d" % number for number in range(10)]
    log.append(news(*sent, key=b"k"))
    await drain(log, counting(), chunk=size)
    await drain(log, counting(), chunk=size)
    assert values(log) == sent
    assert await log.committed("group", ONE) == 10


async def test_records_below_the_position_are_skipped(log: MemoryLog, counting: Stages) -> None:
    """A rebalance fetches what is still being committed again: articles would count twice."""
    log.append(news(b"a", b"b"))
    done: list[str] = []
    async with held(log, counting()) as (pump, leases, _):
        await pump.turn([chunk(log, done)])
        log.append(news(b"c"))
        await pump.turn([chunk(log, done)])
        await pump.turn([chunk(log, done, first=1)])
        await leases.drained()
    assert values(log) == [b"a", b"b", b"c"]
    assert done == ["done"] * 3


async def test_a_chunk_of_an_earlier_generation_is_dropped(
    log: MemoryLog, counting: Stages
) -> None:
    """It may lie beyond records that are fetched again, which would then be skipped: a hole."""
    log.append(news(b"a", b"b"))
    done: list[str] = []
    async with held(log, counting()) as (pump, leases, _):
        await pump.turn([chunk(log, done, first=1, fresh=False)])
        assert done == ["done"]
        await pump.turn([chunk(log, done)])
        await leases.drained()
    assert values(log) == [b"a", b"b"]


async def test_work_of_a_lost_lease_is_dropped(log: MemoryLog, counting: Stages) -> None:
    """A worker would commit for a partition that another one has by now."""
    log.append([*news(b"a"), *news(b"b", partition=1)])
    done: list[str] = []
    stage = counting()
    async with held(log, stage) as (pump, leases, budget):
        stage.handler.open.clear()
        turn = asyncio.create_task(pump.turn([chunk(log, done), chunk(log, done, partition=1)]))
        await asyncio.sleep(0.01)
        await leases.hold([ONE])
        stage.handler.open.set()
        await asyncio.wait_for(turn, 1)
        await leases.drained()
        await pump.turn([chunk(log, done, partition=1)])
        assert (budget.taken, done) == (0, ["done"] * 3)
    assert values(log) == [b"a"]
    assert await log.committed("group", TopicPartition("in", 1)) == 0


async def test_a_bug_in_the_handler_commits_nothing(log: MemoryLog, counting: Stages) -> None:
    """A record that trips a bug would be skipped over in silence, or its neighbours with it."""
    log.append(news(b"a", b"bug"))
    with pytest.raises(ZeroDivisionError):
        await drain(log, counting())
    assert [log.read(topic) for topic in ("out", "dead", "state")] == [[], [], []]
    assert await log.committed("group", ONE) == 0


async def test_a_blown_fuse_commits_nothing_of_the_batch(log: MemoryLog, counting: Stages) -> None:
    """A bad deploy would drain the topic into the dead letters."""
    log.append(news(b"a", b"b", b"poison", b"poison"))
    with pytest.raises(FuseBlown):
        await drain(log, counting(), chunk=2, fuse=Fuse(share=0.5, window=2))
    assert (values(log), values(log, "dead")) == ([b"a", b"b"], [])
    assert await log.committed("group", ONE) == 2


async def test_dead_letters_are_committed_with_the_rest(log: MemoryLog, counting: Stages) -> None:
    """One poisonous record would stop its partition for good."""
    log.append(news(b"a", b"poison", b"b"))
    await drain(log, counting())
    assert (values(log), values(log, "dead")) == ([b"a", b"b"], [b"poison"])


async def test_a_tick_reaches_only_silent_partitions(log: MemoryLog, counting: Stages) -> None:
    """Alerts would never resolve when news stop, or resolve while they come in."""
    log.append(news(b"a"))
    async with held(log, counting(tick_seconds=0.05)) as (pump, leases, _):
        await asyncio.sleep(0.06)
        await pump.turn([chunk(log, [])])
        await pump.tick()
        await leases.drained()
    assert values(log) == [b"a", b"tick"]
    assert [record.partition for record in log.read("out")] == [0, 1]
    assert await log.committed("group", TopicPartition("in", 1)) == 0


async def test_the_pump_waits_for_commits(counting: Stages) -> None:
    """A broker slower than the handler would fill the worker's memory."""
    log = Slow(partitions=1)
    log.append(news(b"a"))
    stage, done = counting(), list[str]()
    async with held(log, stage, limit=1) as (pump, leases, _):
        await pump.turn([chunk(log, done)])
        log.append(news(b"b"))
        turn = asyncio.create_task(pump.turn([chunk(log, done, first=1)]))
        await asyncio.sleep(0.02)
        assert stage.handler.batches == [(0, [b"a"])]
        log.gate.set()
        await asyncio.wait_for(turn, 1)
        await leases.drained()
    assert values(log) == [b"a", b"b"]


async def test_chunks_over_the_budget_together_get_through(
    log: MemoryLog, counting: Stages
) -> None:
    """Two large chunks taken at once would wait for each other for ever."""
    log.append([*news(b"a"), *news(b"b", partition=1)])
    async with held(log, counting(), limit=1) as (pump, leases, budget):
        chunks = [chunk(log, []), chunk(log, [], partition=1)]
        await asyncio.wait_for(pump.turn(chunks), 1)
        await leases.drained()
        assert budget.taken == 0
    assert values(log) == [b"a", b"b"]


async def test_a_fenced_stage_says_so(log: MemoryLog, counting: Stages) -> None:
    """A worker that was taken for dead would hang, or go on, when it wakes up."""
    stage = Fencing(partitions=1)
    stage.append(news(b"a"))
    with pytest.raises(Fenced):
        await asyncio.wait_for(drain(stage, counting()), 2)
    assert values(stage) == values(log) == []


class Slow(MemoryLog):
    """A log whose commits wait for its gate."""

    def __init__(self, partitions: int) -> None:
        super().__init__(partitions)
        self.gate = asyncio.Event()

    async def open(self, group: str, source: TopicPartition) -> Any:
        session = await super().open(group, source)
        return _Waiting(session, self.gate)


class _Waiting:
    def __init__(self, session: Any, gate: asyncio.Event) -> None:
        self._session, self._gate = session, gate

    async def commit(self, messages: list[Message], position: int) -> None:
        await self._gate.wait()
        await self._session.commit(messages, position)

    async def close(self) -> None:
        await self._session.close()


class Fencing(MemoryLog):
    """A log in which another worker opens the same session right away."""

    async def open(self, group: str, source: TopicPartition) -> Any:
        mine = await super().open(group, source)
        await super().open(group, source)
        return mine
