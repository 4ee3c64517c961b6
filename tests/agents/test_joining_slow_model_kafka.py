"""A worker that joins others whose slow model has much to read."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import pytest
from aiokafka import AIOKafkaProducer

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
from tests.agents.test_slow_model_kafka import MOMENT

pytestmark = pytest.mark.kafka
ARTICLES: Final = 2_400
A_SECOND: Final = 60
"""Articles that the model reads in one second: all of them take 40."""
JOIN_SECONDS: Final = 15.0
WAIT: Final = 120.0


class Slow(NullClassifier):
    """A fake model that takes its time for each text."""

    def __init__(self) -> None:
        self.read = 0

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        for _ in texts:
            time.sleep(1.0 / A_SECOND)
            self.read += 1
        return super().classify(texts)


async def publish(cluster: ClusterLayout) -> None:
    """Write accepted articles to both partitions."""
    topic = cluster.topic(ACCEPTED.topic)
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap) as producer:
        for number in range(ARTICLES):
            key = f"n{number}"
            news = Article(key=key, source="wire", headline=f"News {number}", published=MOMENT)
            await producer.send(topic, news.to_bytes(), key.encode(), partition=number % 2)


async def scored_keys(cluster: ClusterLayout) -> list[bytes]:
    """Keys of the articles that were scored and committed."""
    log, topic = KafkaLog(cluster), cluster.topic(SCORED.topic)
    return [
        record.key or b""
        for partition in range(2)
        async for records in log.scan(TopicPartition(topic, partition))
        for record in records
    ]


async def until(is_so: Callable[[], bool], seconds: float = WAIT) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - it is in a thread
            await asyncio.sleep(0.1)


async def test_a_worker_that_joins_gets_work_at_once(kafka: str, prefix: str) -> None:
    """Who adds workers to a backlog would wait until the others have read all that they fetched."""
    cluster = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    await create_topics(cluster, required_topics(cluster, DedupeSettings().window))
    await publish(cluster)

    @asynccontextmanager
    async def worker() -> AsyncIterator[Slow]:
        model, stop = Slow(), asyncio.Event()
        (stage,) = build_stages(["score"], cluster=cluster, classifier=model)
        task = asyncio.create_task(run_stages([stage], cluster, StreamSettings(), stop))
        try:
            yield model
        finally:
            stop.set()
            await asyncio.wait_for(task, WAIT)

    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(worker())
        await until(lambda: first.read > A_SECOND)
        second = await stack.enter_async_context(worker())
        await until(lambda: second.read > 0, JOIN_SECONDS)
        await until(lambda: first.read + second.read >= ARTICLES)
        async with asyncio.timeout(WAIT):
            while len(await scored_keys(cluster)) < ARTICLES:  # noqa: ASYNC110 - it is on the broker
                await asyncio.sleep(0.5)
    keys = await scored_keys(cluster)
    assert len(keys) == len(set(keys)) == ARTICLES
    assert second.read > ARTICLES / 5
