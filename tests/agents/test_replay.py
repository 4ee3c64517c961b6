"""The same articles give the same alerts, however and whenever they are read."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.cluster_layout import DOMAIN
from nlp.lexicon.lexicon import Lexicon
from schemas.signal import Signal
from streams.core.record import Message, Stored
from streams.testing.memory_log import MemoryLog

Planted = Callable[..., Awaitable[list[Stored]]]
Run = Callable[..., Awaitable[None]]
Surge = Callable[..., list[Message]]
Detecting = Callable[..., Any]
MINUTE = 60
DAY = 1440 * MINUTE


def log() -> MemoryLog:
    """Return an empty log."""
    return MemoryLog(partitions=2, counts=dict.fromkeys(DOMAIN, 1))


async def alerts_of(detector: Any, signals: Sequence[Stored], cuts: Sequence[int]) -> list[bytes]:
    """Return the alerts of signals read in pieces, with a restart after every other piece."""
    for piece, (begin, end) in enumerate(pairwise([0, *cuts, len(signals)])):
        await detector.read(signals[begin:end], chunk=1 + piece * 7)
        if piece % 2:
            detector.restart()
    await detector.wait(MINUTE)
    await detector.wait(30 * DAY)
    return [message.value for message in detector.messages]


def interleaved(signals: Sequence[Stored], dice: random.Random) -> list[Stored]:
    """Return the signals in any order that keeps the order of each lineage."""
    lanes: dict[str, list[Stored]] = {}
    for record in signals:
        lanes.setdefault(Signal.from_bytes(record.value).lineage, []).append(record)
    turns = [lane for lane, records in lanes.items() for _ in records]
    dice.shuffle(turns)
    queues = {lane: iter(records) for lane, records in lanes.items()}
    return [next(queues[lane]) for lane in turns]


@pytest.fixture(scope="module")
def expected(planted: Planted, detecting: Detecting) -> list[bytes]:
    """Return the alerts of an undisturbed run."""

    async def run() -> list[bytes]:
        return await alerts_of(detecting(), await planted(log()), [])

    return asyncio.run(run())


@pytest.mark.property
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**9), cuts=st.lists(st.integers(0, 200), max_size=5).map(sorted))
def test_alerts_depend_neither_on_interleaving_nor_on_cuts_nor_on_restarts(
    expected: list[bytes], planted: Planted, detecting: Detecting, seed: int, cuts: list[int]
) -> None:
    """A replay would alert of other things than the first run, or under other ids."""

    async def run() -> list[bytes]:
        signals = interleaved(await planted(log()), random.Random(seed))
        return await alerts_of(detecting(), signals, [min(cut, len(signals)) for cut in cuts])

    assert len(expected) >= 2
    assert asyncio.run(run()) == expected


@pytest.mark.property
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**9), chunk=st.integers(1, 200))
def test_alerts_do_not_depend_on_the_partitions_that_articles_came_through(  # noqa: PLR0913, PLR0917 - fixtures
    expected: list[bytes],
    surge: Surge,
    run: Run,
    detecting: Detecting,
    seed: int,
    chunk: int,
) -> None:
    """Publishing an archive again, with another client, would give other alerts."""

    async def spread() -> list[bytes]:
        again, dice = log(), random.Random(seed)
        again.append([message._replace(partition=dice.randrange(2)) for message in surge()])
        await run(again, ["ingest", "score"], chunk=chunk, classifier=Lexicon())
        return await alerts_of(detecting(), again.read("news.signals"), [])

    assert asyncio.run(spread()) == expected


async def test_a_replay_raises_the_alerts_of_the_live_run(
    planted: Planted, detecting: Detecting
) -> None:
    """A year in minutes would not be the year that people lived through."""
    signals = await planted(log())
    order = sorted(signals, key=lambda record: Signal.from_bytes(record.value).published)
    live = detecting()
    for record in order:
        came = round(Signal.from_bytes(record.value).published.timestamp()) + 5
        while live.wall / 1000 + 20 * MINUTE < came and live.wall:
            await live.wait(20 * MINUTE)
        live.wall = came * 1000
        await live.read([record._replace(timestamp=live.wall)])
        await live.wait(31)
    await live.wait(30 * DAY)
    replayed = await alerts_of(detecting(), signals, [40, 90])
    assert [message.value for message in live.messages] == replayed != []
    assert live.memory.ordering.late == live.memory.population.late == 0
