"""Two workers that are restarted one after the other, while news comes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from streams.kafka.topics import create_topics
from tests.chaos.feed import Feed
from tests.delays import Delays
from tests.streams.conditions import Worker, settings, worker

pytestmark = pytest.mark.kafka
STOP_SECONDS = 5.0
LIMIT_SECONDS = 15.0
"""News waits for a few seconds while a worker leaves; on a busy machine each step takes longer."""
NAMED_SECONDS = 10.0
"""The time beyond that of a restart, for which the news of a named worker waits."""
PAUSE_SECONDS = 3.0
AGENTS = 3
START_SECONDS = 120.0


@asynccontextmanager
async def running(feed: Feed, delays: Delays) -> AsyncIterator[None]:
    """Send and read until the block ends."""
    tasks = [asyncio.create_task(part.run()) for part in (feed, delays)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await feed.pause()


async def started(workers: Iterable[Worker]) -> None:
    """Wait until each worker has started its agents."""
    for process in workers:
        await asyncio.to_thread(process.wait_for, "stage started", AGENTS, START_SECONDS)


@pytest.mark.parametrize("names", [("", ""), ("one", "two")], ids=["leaves", "keeps its place"])
async def test_a_rolling_restart_hands_its_partitions_over(
    kafka: str, prefix: str, tmp_path: Path, names: tuple[str, str]
) -> None:
    """An upgrade at market hours would hold back news, partition by partition."""
    layout = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    await create_topics(layout, required_topics(layout, timedelta(days=7)))
    feed, delays = Feed(layout), Delays(layout)
    environments = [
        settings(kafka, NEWSQUAKE_KAFKA__PREFIX=prefix, NEWSQUAKE_WORKER__INSTANCE_ID=name)
        for name in names
    ]
    async with AsyncExitStack() as stack:
        workers = [
            stack.enter_context(worker(environment, tmp_path / f"{number}"))
            for number, environment in enumerate(environments)
        ]
        await started(workers)
        async with running(feed, delays):
            await delays.begin()
            await asyncio.sleep(PAUSE_SECONDS)
            usual = str(delays)
            await delays.begin()
            restarts = []
            for number, environment in enumerate(environments):
                began = time.monotonic()
                seconds = await asyncio.to_thread(workers[number].stop)
                assert seconds < STOP_SECONDS, workers[number].text
                again = stack.enter_context(worker(environment, tmp_path / f"{number}-again"))
                await started([again])
                restarts.append(time.monotonic() - began)
                await asyncio.sleep(PAUSE_SECONDS)
            took = f"restarts {max(restarts):.1f} s; before: {usual}; meanwhile: {delays}"
            print(took)  # noqa: T201 - pytest shows it
            limit = max(restarts) + NAMED_SECONDS if all(names) else LIMIT_SECONDS
            assert delays.longest < limit, took
