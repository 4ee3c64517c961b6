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
from tests.chaos.outside import Lane, Outside
from tests.streams.conditions import Worker, settings, worker

pytestmark = pytest.mark.kafka
LIMIT_SECONDS = 5.0
USUAL_SECONDS = 3.0
STARTED = "stage started"


class Pauses:
    """The longest time for which each lane committed nothing, although records came for it."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self.longest: dict[Lane, float] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            now = time.monotonic()
            for lane, served in self._outside.served.items():
                self.longest[lane] = max(self.longest.get(lane, 0.0), now - served)
            await asyncio.sleep(0.02)

    def __str__(self) -> str:
        return ", ".join(
            f"{lane.agent} {lane.partition}: {seconds:.1f} s"
            for lane, seconds in sorted(self.longest.items())
        )


@asynccontextmanager
async def running(feed: Feed, outside: Outside, pauses: Pauses) -> AsyncIterator[None]:
    """Send and read until the block ends."""
    tasks = [asyncio.create_task(part.run()) for part in (feed, outside, pauses)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await feed.pause()


async def started(workers: Iterable[Worker]) -> None:
    """Wait until each worker has started its three agents."""
    for process in workers:
        await asyncio.to_thread(process.wait_for, STARTED, 3)


@pytest.mark.parametrize("names", [("", ""), ("one", "two")], ids=["dynamic", "static"])
async def test_a_rolling_restart_delays_no_news_by_more_than_five_seconds(
    kafka: str, prefix: str, tmp_path: Path, names: tuple[str, str]
) -> None:
    """An upgrade at market hours would hold back news, partition by partition."""
    layout = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    await create_topics(layout, required_topics(layout, timedelta(days=7)))
    feed = Feed(layout)
    outside = Outside(layout, feed)
    pauses = Pauses(outside)
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
        async with running(feed, outside, pauses):
            while set(outside.served) < set(outside.lanes):
                await asyncio.sleep(0.1)
            await asyncio.sleep(USUAL_SECONDS)
            pauses.longest.clear()
            for number, environment in enumerate(environments):
                stopped = await asyncio.to_thread(workers[number].stop)
                assert stopped < LIMIT_SECONDS, workers[number].text
                log = tmp_path / f"{number}-again"
                again = stack.enter_context(worker(environment, log))
                await started([again])
                await asyncio.sleep(USUAL_SECONDS)
                print(number, stopped, pauses)
        print(pauses)
    assert max(pauses.longest.values()) < LIMIT_SECONDS, str(pauses)
