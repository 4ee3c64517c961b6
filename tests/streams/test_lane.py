"""Group commit: what gathers during a commit goes in one transaction, in order, once."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from schemas.metrics.processing import RECORDS_IN, Sample
from streams.core.errors import Fenced
from streams.core.lane import Lane, Pace, Work
from streams.core.record import Message


class Gate:
    """A session whose commits wait until they are let through."""

    def __init__(self) -> None:
        self.commits: list[tuple[list[Message], int]] = []
        self.open = asyncio.Event()
        self.begun = asyncio.Event()
        self.error: Exception | None = None

    async def commit(self, messages: Sequence[Message], position: int, note: str = "") -> None:
        self.begun.set()
        await self.open.wait()
        if self.error:
            raise self.error
        self.commits.append((list(messages), position))

    async def close(self) -> None:
        """Nothing to close."""


def work(number: int, done: list[int], **changes: bytes) -> Work:
    """The outcome of record ``number``."""
    return Work(
        [Message("out", None, b"%d" % number)],
        {key.encode(): Message("state", key.encode(), value) for key, value in changes.items()},
        number + 1,
        lambda: done.append(number),
    )


async def end(running: asyncio.Task[None]) -> None:
    """Cancel ``running`` and wait for it."""
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_what_gathers_during_a_commit_goes_in_one_transaction() -> None:
    """A loaded stream would pay for a transaction a record, or get out of order."""
    gate, done = Gate(), list[int]()
    lane = Lane(gate)
    running = asyncio.create_task(lane.run())
    lane.put(work(0, done))
    await asyncio.wait_for(gate.begun.wait(), 1)
    for number in (1, 2, 3):
        lane.put(work(number, done))
    assert done == []
    gate.open.set()
    await asyncio.wait_for(lane.flush(), 1)
    committed = [([message.value for message in sent], upto) for sent, upto in gate.commits]
    assert committed == [([b"0"], 1), ([b"1", b"2", b"3"], 4)]
    assert done == [0, 1, 2, 3]
    await end(running)


async def test_a_busy_lane_rests_between_transactions() -> None:
    """A machine short of cores would spend itself on transactions of one record each."""
    gate, done = Gate(), list[int]()
    gate.open.set()
    lane = Lane(gate, Pace(0.05))
    running = asyncio.create_task(lane.run())
    for number in range(4):
        lane.put(work(number, done))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await asyncio.wait_for(lane.flush(), 1)
    assert [position for _, position in gate.commits] == [1, 4]
    await end(running)


async def test_the_last_change_of_a_key_is_written() -> None:
    """The memory would be recalled as it was, or the changelog grow with each article."""
    gate = Gate()
    gate.open.set()
    lane = Lane(gate)
    lane.put(work(0, [], a=b"1", b=b"1"))
    lane.put(work(1, [], a=b"2"))
    running = asyncio.create_task(lane.run())
    await asyncio.wait_for(lane.flush(), 1)
    ((sent, _),) = gate.commits
    assert [(m.key, m.value) for m in sent if m.topic == "state"] == [(b"b", b"1"), (b"a", b"2")]
    await end(running)


async def test_a_closed_lane_drops_its_work() -> None:
    """A partition that moved would be written by two workers, or its rebalance wait for ever."""
    gate, done = Gate(), list[int]()
    lane = Lane(gate)
    lane.put(work(0, done))
    lane.close()
    lane.put(work(1, done))
    await asyncio.wait_for(lane.flush(), 1)
    assert done == [0, 1]
    running = asyncio.create_task(lane.run())
    await asyncio.sleep(0.01)
    await end(running)
    assert not gate.begun.is_set()


async def test_a_failing_commit_ends_the_lane() -> None:
    """A fenced worker would go on as if its results had been committed."""
    gate, done = Gate(), list[int]()
    gate.error = Fenced("taken over")
    gate.open.set()
    lane = Lane(gate)
    lane.put(work(0, done))
    with pytest.raises(Fenced):
        await asyncio.wait_for(lane.run(), 1)
    assert (done, gate.commits) == ([0], [])


async def test_nothing_waits_for_a_lane_that_failed() -> None:
    """A worker told to stop would hang on what can no longer be committed."""
    gate, done = Gate(), list[int]()
    gate.error = Fenced("taken over")
    lane = Lane(gate)
    running = asyncio.create_task(lane.run())
    lane.put(work(0, done))
    await asyncio.wait_for(gate.begun.wait(), 1)
    lane.put(work(1, done))
    gate.open.set()
    await asyncio.wait_for(lane.flush(), 1)
    lane.put(work(2, done))
    assert done == [0, 1, 2]
    with pytest.raises(Fenced):
        await running


@pytest.mark.parametrize("error", [None, Fenced("taken over")])
async def test_records_are_counted_once_committed(error: Exception | None) -> None:
    """A turn that is done again by another worker would be counted twice."""
    gate, told = Gate(), list[Sample]()
    gate.error = error
    lane = Lane(gate, observe=told.extend)
    running = asyncio.create_task(lane.run())
    for number in (1, 2):
        lane.put(replace(work(number, []), samples=[Sample(RECORDS_IN, number)]))
    await asyncio.wait_for(gate.begun.wait(), 1)
    assert told == []
    gate.open.set()
    await asyncio.wait_for(lane.flush(), 1)
    await end(running) if error is None else await asyncio.wait([running])
    outcome = "failed" if error else "committed"
    assert [fact.labels for fact in told if fact.metric.name.endswith("transactions")] == [
        (outcome,)
    ]
    counted = [fact.value for fact in told if fact.metric == RECORDS_IN]
    assert counted == ([] if error else [1, 2])
