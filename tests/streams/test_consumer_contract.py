"""What the pump expects of a consumer, asked of the one in memory and of Faust's alike."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest

from streams.core.backpressure import InFlightBudget
from streams.core.consumer import Chunk, Consumer
from streams.core.errors import OnFailure
from streams.core.fuse import Fuse
from streams.core.lease import Leases
from streams.core.log import Log
from streams.core.pump import Pump
from streams.core.record import Message, TopicPartition
from streams.core.settings import StreamSettings
from streams.core.stage import Stage
from streams.faust.consumer import create_consumer
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from streams.monitoring.progress import Progress
from streams.testing.memory_consumer import MemoryConsumer
from streams.testing.memory_log import MemoryLog
from tests.streams.conftest import Counting, Memory, Reluctant, counting

PARTITIONS = 2
SECONDS = 30


class RecordingPump(Pump[Memory]):
    """A pump that notes the chunks it is handed, and whether their partitions were held."""

    def __init__(self, stage: Stage[Memory], leases: Leases[Memory]) -> None:
        super().__init__(stage, leases, InFlightBudget(1 << 20), Fuse(share=1.0, window=1))
        self.chunks: list[Chunk] = []
        self.violations: list[str] = []

    async def process(self, chunks: Sequence[Chunk], upcoming: Sequence[Chunk] = ()) -> None:
        for chunk in chunks:
            self.chunks.append(chunk)
            if chunk.source not in self.leases.held:
                self.violations.append(f"{chunk.source} was delivered before it was held")
            if not chunk.records:
                self.violations.append(f"an empty chunk of {chunk.source} was delivered")
            if not chunk.is_current_generation() and not self.pause.rewinds:
                self.violations.append(f"{chunk.source} is of no current generation")
        await super().process(chunks, upcoming)

    def offsets(self, partition: int) -> list[int]:
        """Return the offsets that were delivered of a partition, in order."""
        return [
            record.offset
            for chunk in self.chunks
            if chunk.source.partition == partition
            for record in chunk.records
        ]


class Environment(NamedTuple):
    """A log, and the consumer that reads it; the topics' names begin with ``prefix``."""

    prefix: str
    log: Log
    create: Callable[[RecordingPump, OnFailure], Consumer]

    async def publish(self, *values: bytes) -> None:
        """Write ``values`` to partition 0 and 1 of the source in turns."""
        topic = f"{self.prefix}in"
        messages = [
            Message(topic, b"k", value, partition=index % PARTITIONS)
            for index, value in enumerate(values)
        ]
        session = await self.log.open(f"{self.prefix}publisher", TopicPartition(topic, 0))
        await session.commit(messages, 0)
        await session.close()


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
async def environment(request: pytest.FixtureRequest, prefix: str) -> Environment:
    """The log in memory, and Kafka."""
    if request.param == "memory":
        log = MemoryLog(PARTITIONS)
        return Environment(prefix, log, lambda pump, _: MemoryConsumer(log, pump))
    cluster = Cluster(
        bootstrap=request.getfixturevalue("kafka"), prefix=prefix, partitions=PARTITIONS
    )
    names = ("in", "out", "dead", "state")
    await create_topics(cluster, [Topic(cluster.topic(name), {}) for name in names])

    def create(pump: RecordingPump, on_failure: OnFailure) -> Consumer:
        return create_consumer(pump, cluster, StreamSettings(), on_failure, Progress())

    return Environment(prefix, KafkaLog(cluster), create)


@asynccontextmanager
async def consuming(
    environment: Environment, handler: Counting | None = None
) -> AsyncIterator[tuple[RecordingPump, Consumer]]:
    """A counting stage, fed until the block ends; then all is committed and the group is left."""
    errors: list[BaseException] = []
    stage = counting(environment.prefix, handler=handler)
    pump = RecordingPump(stage, Leases(environment.log, stage, errors.append))
    consumer = environment.create(pump, errors.append)
    running = asyncio.create_task(consumer.run())
    yield pump, consumer
    await pump.stop()
    await pump.leases.flush()
    await consumer.stop()
    await pump.leases.hold([])
    running.cancel()
    assert (errors, pump.violations) == ([], [])


async def until(condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 - the consumer tells nobody
            await asyncio.sleep(0.05)


def handled(pump: RecordingPump) -> list[bytes | None]:
    """Return the values that the handler was given."""
    assert isinstance(pump.stage.handler, Counting)
    return [value for _, values in pump.stage.handler.batches for value in values]


async def test_held_partitions_are_delivered_in_order(environment: Environment) -> None:
    """Articles would be missing, come twice, or change places."""
    await environment.publish(*(b"%d" % number for number in range(100)))
    async with consuming(environment) as (pump, _):
        await until(lambda: len(handled(pump)) >= 100)
        held = {source.partition for source in pump.leases.held}
    assert held == set(range(PARTITIONS))
    assert [pump.offsets(partition) for partition in range(PARTITIONS)] == [[*range(50)]] * 2
    assert sorted(handled(pump), key=lambda value: int(value or b"")) == [
        b"%d" % number for number in range(100)
    ]


async def test_a_restart_begins_at_the_committed_offsets(environment: Environment) -> None:
    """A new version of a worker would lose articles, or count them twice."""
    await environment.publish(b"a", b"b")
    async with consuming(environment) as (pump, _):
        await until(lambda: len(handled(pump)) >= 2)
    await environment.publish(b"c", b"d")
    async with consuming(environment) as (again, _):
        await until(lambda: len(handled(again)) >= 2)
    assert sorted(handled(again), key=lambda value: value or b"") == [b"c", b"d"]


async def test_progress_reaches_the_end(environment: Environment) -> None:
    """A worker that reads everything would be ended as stalled, or a stalled one never."""
    await environment.publish(b"a", b"b", b"c")
    async with consuming(environment) as (pump, consumer):
        await until(lambda: len(handled(pump)) >= 3)
        async with asyncio.timeout(SECONDS):
            while not (progress := await consumer.read_progress()) or any(  # noqa: ASYNC110 - it tells nobody
                read.position < read.end for read in progress.values()
            ):
                await asyncio.sleep(0.05)
    assert {source.partition for source in progress} == set(range(PARTITIONS))
    assert all(read.position >= 1 for read in progress.values())


async def test_records_come_again_after_a_pause(environment: Environment) -> None:
    """Articles that a model could not score would be skipped, or the worker end as stalled."""
    await environment.publish(*(b"%d" % number for number in range(100)))
    handler = Reluctant(f"{environment.prefix}out")
    async with consuming(environment, handler) as (pump, consumer):
        await until(lambda: handler.refused > 0)
        await environment.publish(*(b"%d" % number for number in range(100, 140)))
        await asyncio.sleep(0.5)
        assert handler.refused == 1
        held, progress = pump.leases.held, await consumer.read_progress()
        assert all(
            held[source].position == 0 and (read.stands_still or read.position == 0)
            for source, read in progress.items()
        )
        handler.up.set()
        await until(lambda: len(handled(pump)) >= 140)
    for partition in range(PARTITIONS):
        values = [
            value for number, values in handler.batches if number == partition for value in values
        ]
        assert values == [b"%d" % number for number in range(partition, 140, PARTITIONS)]


async def test_nothing_is_delivered_after_a_stop(environment: Environment) -> None:
    """A worker that was told to stop would handle articles that it cannot commit any more."""
    await environment.publish(b"a", b"b")
    async with consuming(environment) as (pump, consumer):
        await until(lambda: len(handled(pump)) >= 2)
        await consumer.stop()
        delivered = len(pump.chunks)
        await environment.publish(b"c", b"d")
        await asyncio.sleep(0.2)
        assert len(pump.chunks) == delivered
