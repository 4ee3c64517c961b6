"""A broker that has just started, and does not know the offsets of groups yet."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.structs import OffsetAndMetadata

from infra.kafka.embedded import EmbeddedKafka
from streams.core.record import TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.connection import committed_reader, started
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from streams.monitoring.progress import Progress

pytestmark = pytest.mark.kafka
ONE_PARTITION = {"offsets.topic.num.partitions": "1"}
PARTITIONS, COMMITS = 200, 150
"""So many offsets that the broker needs some hundred milliseconds to read them."""
ASKERS = 4
AFTER_SECONDS = 1.0
"""The time for which they go on asking after the first answer."""
SECONDS = 60


async def test_a_broker_that_loads_offsets_does_not_pass_for_one_without(
    jar_cache: Path, tmp_path: Path
) -> None:
    """`newsquake watch --group` would begin with what comes from now on, and alerts be missed."""
    with EmbeddedKafka(jar_cache, data=tmp_path / "kafka", properties=ONE_PARTITION) as kafka:
        cluster = Cluster(bootstrap=kafka.bootstrap, partitions=PARTITIONS)
        await create_topics(cluster, [Topic("in", {})])
        partitions = [KafkaPartition("in", number) for number in range(PARTITIONS)]
        async with started(committed_reader(cluster, "group")) as reader:
            reader.assign(partitions)
            for number in range(1, COMMITS + 1):
                place = OffsetAndMetadata(number, "note")
                await reader.commit(dict.fromkeys(partitions, place))
        log, source = KafkaLog(cluster, Progress()), TopicPartition("in", 0)
        answers: set[tuple[int, str]] = set()
        answered = asyncio.Event()

        async def ask() -> None:
            while True:
                offset, note = await asyncio.gather(
                    log.committed("group", source), log.note("group", source)
                )
                answers.add((offset, note))
                answered.set()

        kafka.kill()
        async with asyncio.timeout(SECONDS):
            asking = [asyncio.create_task(ask()) for _ in range(ASKERS)]
            await asyncio.to_thread(kafka.restart)
            await answered.wait()
            await asyncio.sleep(AFTER_SECONDS)
            for task in asking:
                task.cancel()
            await asyncio.wait(asking)
        assert answers == {(COMMITS, "note")}
