"""A log whose broker is away when it is asked."""

import asyncio
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError

from infra.kafka.embedded import EmbeddedKafka
from streams.core.log import Bounds
from streams.core.record import Message, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from streams.monitoring.progress import Progress

pytestmark = pytest.mark.kafka
AWAY_SECONDS = 1.5
SECONDS = 60


async def test_what_is_asked_while_the_broker_is_away_is_answered_when_it_is_back(
    jar_cache: Path, tmp_path: Path
) -> None:
    """A worker would end when its broker goes away while it takes its partitions over."""
    with EmbeddedKafka(jar_cache, data=tmp_path / "kafka") as kafka:
        cluster = Cluster(bootstrap=kafka.bootstrap, partitions=1)
        await create_topics(cluster, [Topic(name, {}) for name in ("in", "out")])
        source, out = TopicPartition("in", 0), TopicPartition("out", 0)
        progress = Progress(patience_seconds=0.5)
        log = KafkaLog(cluster, progress)
        session = await log.open("group", source)
        await session.commit([Message("out", b"k", b"v", partition=0)], 7, "note")

        async def scan() -> list[bytes | None]:
            return [record.value async for records in log.scan(out) for record in records]

        async with asyncio.timeout(SECONDS):
            await session.close()
            # Kafka answers a commit before its markers are written.
            written: list[bytes | None] = []
            while not (written and await log.committed("group", source)):
                await asyncio.sleep(0.1)
                written = await scan()
        kafka.kill()

        async def ask() -> tuple[object, ...]:
            record = (await log.read_at(out, [0]))[0]
            return (
                await log.committed("group", source),
                await log.note("group", source),
                await scan(),
                record and record.value,
                await log.leader_change(out, 0, 1),
            )

        asked = asyncio.create_task(ask())
        bounds = asyncio.create_task(log.bounds(source))
        opened = asyncio.create_task(log.open("group", source))
        scanned = asyncio.create_task(scan())
        await asyncio.sleep(AWAY_SECONDS)
        assert not any(task.done() for task in (asked, bounds, opened, scanned))
        assert len(progress.overdue()) == len((asked, bounds, opened, scanned))
        with pytest.raises(KafkaConnectionError):  # nobody would see that it waits
            await KafkaLog(cluster).bounds(source)
        kafka.restart()
        async with asyncio.timeout(SECONDS):
            assert await asked == (7, "note", [b"v"], b"v", None)
            assert await bounds == Bounds(0, 0)
            assert await scanned == [b"v"]
            await (await opened).close()
        assert progress.overdue() == []
