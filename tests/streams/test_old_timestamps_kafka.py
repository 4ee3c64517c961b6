"""What Kafka does to records with old timestamps, as docs/doctor.md says."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from infra.kafka.embedded import EmbeddedKafka
from streams.core.log import Bounds
from streams.core.record import TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics

pytestmark = pytest.mark.kafka
EIGHT_DAYS_MS = 8 * 86_400_000
WEEK = {"retention.ms": "604800000", "cleanup.policy": "delete"}
OFTEN = {"log.retention.check.interval.ms": "300", "log.initial.task.delay.ms": "100"}


@pytest.fixture(scope="module")
def tidy(jar_cache: Path) -> Iterator[str]:
    """Return a broker that deletes what is too old several times a second."""
    with EmbeddedKafka(jar_cache, properties=OFTEN) as broker:
        yield broker.bootstrap


async def send(cluster: Cluster, *ages_ms: int) -> None:
    """Send a record of each age, in this order."""
    now = int(time.time() * 1_000)
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap) as producer:
        for age in ages_ms:
            await producer.send_and_wait("raw", b"{}", timestamp_ms=now - age)


async def test_old_records_go_if_they_were_sent_before_the_first_fresh_one(tidy: str) -> None:
    """The page would promise that records stay which are gone in five minutes."""
    cluster, old = Cluster(bootstrap=tidy, partitions=1), EIGHT_DAYS_MS
    await create_topics(cluster, [Topic("raw", WEEK)])
    log, source = KafkaLog(cluster), TopicPartition("raw", 0)
    await send(cluster, old, old, old)
    async with asyncio.timeout(20):
        while (await log.bounds(source)).start < 3:  # noqa: ASYNC110 - the broker tells nobody
            await asyncio.sleep(0.1)
    await send(cluster, old, 0, old, old)
    async with asyncio.timeout(20):
        while (await log.bounds(source)).start < 4:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)
    await asyncio.sleep(1.5)
    assert await log.bounds(source) == Bounds(4, 7)
