"""Asking how far a worker has read, on a real broker, while its group rebalances."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

import pytest
from aiokafka import AIOKafkaProducer

from streams.core.errors import StreamError
from streams.core.settings import StreamSettings
from streams.faust.stage_status import StageStatus
from streams.faust.worker import run_stages
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topic, create_topics
from tests.streams.conftest import Reluctant, counting
from tests.streams.test_worker_kafka import until

if TYPE_CHECKING:
    from streams.faust.consumer import FaustConsumer

pytestmark = pytest.mark.kafka
PARTITIONS: Final = 2
WATCHERS: Final = 4
"""More than the places in which the consumer's thread does what it is asked, which are two."""
WAIT: Final = 45


class Member:
    """A worker of the group in this process.

    Attributes:
        handler: Decides nothing until its `up` is set, so that the stage pauses.
        status: The status of its stage.
    """

    status: StageStatus

    def __init__(self, cluster: Cluster) -> None:
        self.handler = Reluctant(f"{cluster.prefix}out")
        self.stop = asyncio.Event()
        stage = counting(cluster.prefix, handler=self.handler)
        settings = StreamSettings(stop_timeout=10.0)
        self.running = asyncio.create_task(
            run_stages([stage], cluster, settings, self.stop, on_start=self._show)
        )

    def _show(self, status: StageStatus) -> None:
        self.status = status

    def holds(self, count: int) -> Callable[[], bool]:
        """Return a function that says whether it holds ``count`` partitions, and recalls none."""

        def is_so() -> bool:
            leases = self.status.pump.leases.held.values()
            return len(leases) == count and all(lease.is_recalled for lease in leases)

        return is_so

    async def watch(self) -> None:
        """Ask for the progress over and over, as the watches of a worker do now and then."""
        while True:
            await self.status.consumer.read_progress()
            await asyncio.sleep(0.001)


@asynccontextmanager
async def member(cluster: Cluster) -> AsyncIterator[Member]:
    """Let a worker join the group, and leave it at the end."""
    worker = Member(cluster)
    await asyncio.sleep(0)
    try:
        yield worker
    finally:
        worker.stop.set()
        assert await asyncio.wait_for(worker.running, WAIT)


async def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(WAIT):
        while not condition():  # noqa: ASYNC110 - it depends on the broker
            await asyncio.sleep(0.05)


@pytest.fixture
async def cluster(kafka: str, prefix: str) -> Cluster:
    """Return the broker, with the topics of a counting stage."""
    cluster = Cluster(bootstrap=kafka, prefix=prefix, partitions=PARTITIONS)
    names = ("in", "out", "dead", "state")
    await create_topics(cluster, [Topic(cluster.topic(name), {}) for name in names])
    return cluster


async def test_asking_how_far_a_worker_is_keeps_nothing_else_out(cluster: Cluster) -> None:
    """A paused worker of a group that has committed nothing would stand still for good.

    After a rebalance aiokafka has no position for its partitions until one is sought.
    """
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap) as producer:
        for partition in range(PARTITIONS):
            await producer.send_and_wait(cluster.topic("in"), b"news", b"%d" % partition, partition)
    async with member(cluster) as first:
        await wait_for(first.holds(PARTITIONS))
        watches = [asyncio.create_task(first.watch()) for _ in range(WATCHERS)]
        async with member(cluster) as second:
            await wait_for(second.holds(PARTITIONS - 1))
            await wait_for(first.holds(PARTITIONS - 1))
        await wait_for(first.holds(PARTITIONS))
        for task in watches:
            task.cancel()
        first.handler.up.set()
        await until(cluster, PARTITIONS)


async def test_a_worker_whose_consumer_has_ended_says_so(cluster: Cluster) -> None:
    """It would end with "Event loop is closed", which tells nobody what to do, or go on idly."""
    worker = Member(cluster)
    await wait_for(lambda: hasattr(worker, "status") and worker.holds(PARTITIONS)())
    consumer = cast("FaustConsumer", worker.status.consumer)
    await consumer._consumer._thread.stop()
    assert await consumer.read_progress() == {}
    with pytest.raises(StreamError, match="consumer ended"):
        await asyncio.wait_for(worker.running, WAIT)
