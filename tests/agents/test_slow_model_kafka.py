"""A model that is at one batch for longer than the group waits for a sign of life."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.pipeline import build_stages
from agents.scoring.deduplicate import DedupeSettings
from nlp.classifier import Scores
from nlp.null import NullClassifier
from schemas.article import Article
from schemas.channels import ACCEPTED, SCORED
from streams.core.record import TopicPartition
from streams.core.settings import StreamSettings
from streams.faust.worker import run_stages
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import create_topics

pytestmark = pytest.mark.kafka
SESSION: Final = 6.0
"""Seconds; the shortest that brokers allow."""
BATCH: Final = 9.0
WAIT: Final = 60
MOMENT: Final = datetime(2024, 3, 1, tzinfo=UTC)


class Slow(NullClassifier):
    """A fake model that takes the interpreter for ``BATCH`` seconds, as no real one would."""

    def __init__(self) -> None:
        self.batches = 0

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.batches += 1
        ends = time.monotonic() + BATCH
        while time.monotonic() < ends:
            pass
        return super().classify(texts)


@pytest.fixture
async def cluster(kafka: str, prefix: str) -> ClusterLayout:
    """The broker, with all topics."""
    cluster = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=1)
    await create_topics(cluster, required_topics(cluster, DedupeSettings().window))
    return cluster


@pytest.fixture
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Who asks the broker about groups."""
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    yield client
    await client.close()


async def members(admin: AIOKafkaAdminClient, group: str) -> list[str]:
    """Ids of the group's members: one that was thrown out comes back under another."""
    try:
        (answer,) = await admin.describe_consumer_groups([group])
    except GroupCoordinatorNotAvailableError:
        return []
    ((_, _, state, _, _, members_of_group, *_),) = answer.groups
    return sorted(member[0] for member in members_of_group) if state == "Stable" else []


async def joined(admin: AIOKafkaAdminClient, group: str) -> list[str]:
    """Return the group's members, once it has some."""
    async with asyncio.timeout(WAIT):
        while not (members_of_group := await members(admin, group)):  # noqa: ASYNC110 - it is on the broker
            await asyncio.sleep(0.1)
    return members_of_group


async def until(is_reading: Callable[[], int]) -> None:
    """Wait until the model, which runs in a thread, has begun."""
    async with asyncio.timeout(WAIT):
        while not is_reading():  # noqa: ASYNC110 - it is in a thread
            await asyncio.sleep(0.1)


async def publish(cluster: ClusterLayout, numbers: Sequence[int]) -> None:
    """Write accepted articles of these numbers."""
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap) as producer:
        for number in numbers:
            key = f"n{number}"
            news = Article(key=key, source="wire", headline=f"News {number}", published=MOMENT)
            topic = cluster.topic(ACCEPTED.topic)
            await producer.send_and_wait(topic, news.to_bytes(), key.encode())


async def scored(cluster: ClusterLayout) -> int:
    """Articles that were scored and committed."""
    source = TopicPartition(cluster.topic(SCORED.topic), 0)
    return sum([len(records) async for records in KafkaLog(cluster).scan(source)])


async def test_a_batch_longer_than_the_session_costs_no_membership(
    cluster: ClusterLayout, admin: AIOKafkaAdminClient
) -> None:
    """A slow model would lose its partitions with each batch, and score the same news for ever."""
    model, stop = Slow(), asyncio.Event()
    (stage,) = build_stages(["score"], cluster=cluster, classifier=model)
    worker = asyncio.create_task(
        run_stages([stage], cluster, StreamSettings(session_timeout=SESSION), stop)
    )
    try:
        before = await joined(admin, stage.group)
        await publish(cluster, [1])
        await until(lambda: model.batches)
        await publish(cluster, [2, 3])
        async with asyncio.timeout(WAIT):
            while await scored(cluster) < 3:  # noqa: ASYNC110 - it is on the broker
                await asyncio.sleep(0.5)
        assert await members(admin, stage.group) == before
    finally:
        stop.set()
        await asyncio.wait_for(worker, WAIT)
    assert (model.batches, await scored(cluster)) == (2, 3)
