"""Two workers whose model is down, on a real broker: they wait as members of their group."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from agents.asking.circuit import CircuitSettings
from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.pipeline import build_stages
from agents.scoring.deduplicate import DedupeSettings
from nlp.classifier import ModelError
from schemas.channels import DEAD, SCORED
from schemas.scored import ScoredArticle
from streams.core.record import Record, TopicPartition
from streams.core.settings import StreamSettings
from streams.faust.worker import run_stages
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import create_topics
from tests.agents.flaky import Flaky
from tests.agents.test_slow_model_kafka import publish

if TYPE_CHECKING:
    from streams.faust.stage_status import StageStatus

pytestmark = pytest.mark.kafka
WAIT: Final = 120
PARTITIONS: Final = 4
CIRCUIT: Final = CircuitSettings(failures=2, first_pause=0.2, max_pause=0.5)
IMPATIENT: Final = StreamSettings(
    session_timeout=15.0, standstill=12.0, patience=5.0, patience_limit=20.0, stop_timeout=20.0
)
"""Settings with which a worker ends within `PAUSE` that takes the pause for a stall."""
PAUSE: Final = 24.0


class Worker:
    """One worker in this process.

    Attributes:
        model: Its model.
        statuses: The status of its stage, once it has started.
    """

    def __init__(self, cluster: ClusterLayout, model: Flaky) -> None:
        self.model = model
        self.statuses: list[StageStatus] = []
        self.stop = asyncio.Event()
        stages = build_stages(["score"], cluster=cluster, classifier=model, circuit=CIRCUIT)
        self.group = stages[0].group
        self.running = asyncio.create_task(
            run_stages(stages, cluster, IMPATIENT, self.stop, on_start=self.statuses.append)
        )

    @property
    def is_paused(self) -> bool:
        """Return whether the worker waits for its model."""
        return bool(self.statuses) and self.statuses[0].pump.pause.is_on

    @property
    def held(self) -> set[int]:
        """Return the partitions that it holds."""
        leases = self.statuses[0].pump.leases.held if self.statuses else {}
        return {source.partition for source in leases}

    @property
    def coordinator(self) -> Any:
        """Return what aiokafka keeps of the membership."""
        app = self.statuses[0].consumer._app  # type: ignore[attr-defined]
        return app.consumer._thread._consumer._coordinator

    @property
    def generation(self) -> int:
        """Return the number of the group's last rebalance; -1 during one."""
        return int(self.coordinator.generation)

    async def end(self) -> None:
        """Stop as after SIGTERM, and leave the group."""
        self.stop.set()
        assert await asyncio.wait_for(self.running, WAIT)


@pytest.fixture
async def cluster(kafka: str, prefix: str) -> ClusterLayout:
    """The broker, with all topics."""
    cluster = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=PARTITIONS)
    await create_topics(cluster, required_topics(cluster, DedupeSettings().window))
    return cluster


@asynccontextmanager
async def working(cluster: ClusterLayout, model: Flaky) -> AsyncIterator[Worker]:
    """Run a worker until the block ends."""
    worker = Worker(cluster, model)
    try:
        yield worker
    finally:
        await worker.end()


async def until(condition: Callable[[], bool], *workers: Worker) -> None:
    """Wait until ``condition`` holds; a worker that ended fails the test with its error."""
    async with asyncio.timeout(WAIT):
        while not condition():
            for worker in workers:
                if worker.running.done():
                    worker.running.result()
            await asyncio.sleep(0.1)


async def written(cluster: ClusterLayout, topic: str) -> list[Record]:
    """Return the committed records of a topic."""
    log = KafkaLog(cluster)
    return [
        record
        for partition in range(PARTITIONS)
        async for records in log.scan(TopicPartition(cluster.topic(topic), partition))
        for record in records
    ]


async def scored(cluster: ClusterLayout, count: int) -> list[str]:
    """Return the keys of scored articles, in order of the alphabet, once there are so many."""
    async with asyncio.timeout(WAIT):
        while len(records := await written(cluster, SCORED.topic)) < count:  # noqa: ASYNC110 - it is on the broker
            await asyncio.sleep(0.3)
    return sorted(ScoredArticle.from_bytes(record.value or b"").article.key for record in records)


async def test_two_workers_wait_for_their_model_and_keep_their_partitions(
    cluster: ClusterLayout,
) -> None:
    """A server that is away would cost a rebalance, a restart, or articles."""
    await publish(cluster, range(20))
    down = ModelError("the server is away")
    async with working(cluster, Flaky(down)) as first, working(cluster, Flaky(down)) as second:
        await until(lambda: first.is_paused and second.is_paused, first, second)
        await until(lambda: len(first.held) == len(second.held) == PARTITIONS / 2, first, second)
        await until(lambda: first.generation == second.generation > 0, first, second)
        coordinators = [worker.coordinator for worker in (first, second)]
        for coordinator in coordinators:
            coordinator._max_poll_interval = 2.0  # Faust's is a quarter of an hour
        before = [(each.member_id, each.generation) for each in coordinators]
        await publish(cluster, range(20, 30))
        await asyncio.sleep(PAUSE)
        assert [(each.member_id, each.generation) for each in coordinators] == before
        assert not first.running.done()
        assert not second.running.done()
        assert (first.statuses[0].obstacles() + second.statuses[0].obstacles()) != []
        first.model.failure = second.model.failure = None
        keys = await scored(cluster, 30)
        await until(lambda: not (first.is_paused or second.is_paused), first, second)
    assert keys == sorted(f"n{number}" for number in range(30))
    assert await written(cluster, DEAD.topic) == []


async def test_a_worker_joins_and_leaves_at_once_while_the_other_one_waits(
    cluster: ClusterLayout,
) -> None:
    """A rebalance would wait for articles that nobody can score."""
    await publish(cluster, range(20))
    down = ModelError("the server is away")
    async with working(cluster, Flaky(down)) as first:
        await until(lambda: first.is_paused and len(first.held) == PARTITIONS, first)
        second = Worker(cluster, Flaky(down))
        await until(lambda: bool(second.held), first, second)
        await until(lambda: second.is_paused, first, second)
        await second.end()
        await until(lambda: len(first.held) == PARTITIONS, first)
        first.model.failure = None
        keys = await scored(cluster, 20)
    assert keys == sorted(f"n{number}" for number in range(20))
    assert await written(cluster, DEAD.topic) == []
