"""Records on a real broker that are old, or large once decompressed, and a clock that is wrong."""

import asyncio
import hashlib
import os
import time
from typing import Final

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.pipeline import build_stages
from agents.scoring.deduplicate import DedupeSettings
from nlp.null import NullClassifier
from schemas.channels import ACCEPTED, DEAD, RAW, SCORED, Channel
from schemas.dead_letter import DeadLetter
from streams.core.errors import Misconfigured
from streams.core.record import Message, Record, TopicPartition
from streams.core.settings import StreamSettings
from streams.faust.worker import run_stages
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import create_topics

pytestmark = pytest.mark.kafka
DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
WAIT: Final = 30
LARGE: Final = b"a" * (6 << 20)
"""Too large for `news.dead` as it is, some kilobytes when compressed."""
HUGE: Final = b"a" * (20 << 20)
"""Larger than what is compressed to be set aside whole."""


def now() -> int:
    """Return the wall clock in milliseconds."""
    return time.time_ns() // 1_000_000


@pytest.fixture
async def cluster(kafka: str, prefix: str) -> ClusterLayout:
    """Return the broker, with all topics; `news.raw` takes records that are dated ahead."""
    cluster = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=1)
    raw, *others = required_topics(cluster, DedupeSettings().window)
    lenient = {**raw.config, "message.timestamp.after.max.ms": str(7 * DAY_MS)}
    await create_topics(cluster, [raw._replace(config=lenient), *others])
    return cluster


def article(name: str) -> bytes:
    """Return a raw article."""
    published = "2024-03-01T00:00:00Z"
    return orjson.dumps({"source": "s", "id": name, "headline": name, "published": published})


async def publish(cluster: ClusterLayout, value: bytes, timestamp: int) -> None:
    """Write a compressed raw record with its own timestamp."""
    async with AIOKafkaProducer(
        bootstrap_servers=cluster.bootstrap, compression_type="gzip", max_request_size=64 << 20
    ) as producer:
        await producer.send_and_wait(
            cluster.topic(RAW.topic), value, timestamp_ms=timestamp, headers=[("x", b"1")]
        )


async def read(cluster: ClusterLayout, channel: Channel, count: int) -> list[Record]:
    """Return the first ``count`` committed records of a channel, once they are there."""
    source = TopicPartition(cluster.topic(channel.topic), 0)
    records: list[Record] = []
    async with asyncio.timeout(WAIT):
        while len(records) < count:
            await asyncio.sleep(0.2)
            scanned = KafkaLog(cluster).scan(source)
            records = [record async for batch in scanned for record in batch]
    return records


async def test_old_and_large_records_pass_with_the_time_of_writing(cluster: ClusterLayout) -> None:
    """Retention would delete unread articles, and a large record stop ingest for good."""
    old, ahead = now() - 8 * DAY_MS, now() + 2 * DAY_MS
    await publish(cluster, LARGE, old)
    await publish(cluster, HUGE, old)
    await publish(cluster, article("old"), old)
    await publish(cluster, article("ahead"), ahead)
    begin, stop = now(), asyncio.Event()
    stages = build_stages(["ingest", "score"], cluster=cluster, classifier=NullClassifier())
    worker = asyncio.create_task(
        run_stages(stages, cluster, StreamSettings(fuse_share=1.0, session_timeout=6.0), stop)
    )
    try:
        written = [
            *await read(cluster, ACCEPTED, 2),
            *await read(cluster, SCORED, 2),
            *await read(cluster, DEAD, 2),
        ]
    finally:
        stop.set()
        await asyncio.wait_for(worker, WAIT)
    assert all(begin <= record.timestamp <= now() for record in written)
    sent = [int(dict(record.headers)["newsquake.timestamp"]) for record in written]
    # What is dated ahead was sent no later than it was accepted.
    assert sent == [old, ahead, old, written[1].timestamp, old, old]
    whole, first = written[4:]
    assert whole.value == LARGE
    assert DeadLetter.from_headers(whole.headers).original_bytes is None
    reason = DeadLetter.from_headers(first.headers)
    assert first.value == HUGE[: len(first.value or b"")]
    assert first.headers[0] == ("x", b"1")
    assert (reason.topic, reason.partition, reason.offset) == (cluster.topic(RAW.topic), 0, 1)
    assert reason.original_bytes == len(HUGE)
    assert reason.original_sha256 == hashlib.sha256(HUGE).hexdigest()


async def test_a_refused_record_names_the_clock_or_the_size(cluster: ClusterLayout) -> None:
    """The worker would end with the name of an error, again and again."""
    log, source = KafkaLog(cluster), TopicPartition(cluster.topic(RAW.topic), 0)
    topic = cluster.topic(ACCEPTED.topic)
    ahead = Message(topic, None, b"x", timestamp=now() + 2 * HOUR_MS, partition=0)
    large = Message(topic, None, os.urandom(3 << 20), partition=0)
    for message, pattern in (
        (ahead, "machine's clock .*message.timestamp.after.max.ms.*NTP"),
        (large, "max.message.bytes; run `kafka-configs .*--entity-name"),
    ):
        session = await log.open(f"{cluster.prefix}group", source)
        with pytest.raises(Misconfigured, match=pattern) as caught:
            await session.commit([message], 1)
        await session.close()
        assert f"{topic}-0" in str(caught.value)
        assert f"{source.topic}-0" in str(caught.value)
    assert await log.committed(f"{cluster.prefix}group", source) == 0
