"""A cluster for each test of growing, and what lies in its topics."""

import asyncio
import json
import subprocess
from collections import Counter
from collections.abc import Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from streams.core.record import Record, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, partition_counts
from tests.streams.conditions import SCRIPT, run, settings

Environment = dict[str, str]


@pytest.fixture
def environment(kafka: str, prefix: str) -> Environment:
    """The shared broker, with topics of two partitions of this test."""
    environment = settings(
        kafka,
        NEWSQUAKE_KAFKA__PREFIX=prefix,
        NEWSQUAKE_WORKER__SESSION_TIMEOUT="6",
        NEWSQUAKE_KAFKA__TRANSACTION_TIMEOUT="10",
    )
    run(environment, "topics", "create")
    return environment


@pytest.fixture
def add_partitions(kafka: str, prefix: str) -> Callable[[str, int], None]:
    """Add partitions to a topic, as others do with Kafka's own tools."""

    async def alter(topic: str, count: int) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.create_partitions({prefix + topic: NewPartitions(count)})
        await admin.close()

    def add(topic: str, count: int) -> None:
        asyncio.run(alter(topic, count))

    return add


@pytest.fixture
def read(kafka: str, prefix: str) -> Callable[[str], list[Record]]:
    """Return all committed records of a topic."""

    async def scan(topic: str) -> list[Record]:
        cluster, name = Cluster(bootstrap=kafka), prefix + topic
        counts = await partition_counts(cluster, [Topic(name, {})])
        log, found = KafkaLog(cluster), list[Record]()
        for partition in range(counts[name]):
            async for records in log.scan(TopicPartition(name, partition)):
                found += records
        return found

    return lambda topic: asyncio.run(scan(topic))


def grow(environment: Environment, partitions: int, *more: str) -> subprocess.CompletedProcess[str]:
    """Run ``newsquake topics grow`` to its end."""
    return subprocess.run(
        [SCRIPT, "topics", "grow", "--partitions", str(partitions), *more],
        env=environment, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip


def ids(records: list[Record]) -> Counter[int]:
    """Return how often each article was scored, by its number."""
    scored = (json.loads(record.value or b"")["article"] for record in records)
    return Counter(int(article["extra"]["id"].removeprefix("condition-")) for article in scored)
