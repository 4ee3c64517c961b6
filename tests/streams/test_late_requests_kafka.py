"""Requests without an answer that reach the broker late: none touches another transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from streams.core.errors import Fenced
from streams.core.record import Message, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from tests.streams.late_request import END_TXN, PRODUCE, TXN_OFFSET_COMMIT, LateRequest
from tests.streams.proxy import broker_behind

pytestmark = pytest.mark.kafka
GROUP, SOURCE, OUT = "group", TopicPartition("in", 0), TopicPartition("out", 0)


@contextmanager
def late(jar_cache: Path, kind: int, before: int) -> Iterator[tuple[Cluster, LateRequest]]:
    """Run a broker that is reached through a proxy."""
    create = partial(LateRequest, late=kind, before=before)
    with broker_behind(jar_cache, create) as (address, proxy):
        yield Cluster(bootstrap=address, partitions=1), proxy


async def values(log: KafkaLog) -> list[bytes | None]:
    """Return what is committed in the topic of results."""
    return [record.value async for records in log.scan(OUT) for record in records]


@pytest.mark.parametrize(
    ("kind", "before"), [(END_TXN, PRODUCE), (TXN_OFFSET_COMMIT, END_TXN)], ids=["end", "offset"]
)
async def test_a_late_request_does_not_touch_the_next_transaction(
    jar_cache: Path, kind: int, before: int
) -> None:
    """The offset would be committed without its results: articles would be lost for good."""
    with late(jar_cache, kind, before) as (cluster, proxy):
        await create_topics(cluster, [Topic("in", {}), Topic("out", {})])
        log = KafkaLog(cluster)
        session = await log.open(GROUP, SOURCE)
        await session.commit([Message("out", b"k", b"1")], 1)
        assert proxy.is_held
        proxy.is_due = True
        await session.commit([Message("out", b"k", b"2")], 2)
        assert proxy.is_answered.is_set()
        assert await values(log) == [b"1", b"2"]
        assert await log.committed(GROUP, SOURCE) == 2
        await session.commit([Message("out", b"k", b"3")], 3)
        await session.close()
        assert await values(log) == [b"1", b"2", b"3"]
        assert await log.committed(GROUP, SOURCE) == 3


async def test_who_raises_the_epoch_does_not_fence_the_next_holder(jar_cache: Path) -> None:
    """A worker that froze would take the partition back, and process the same articles again."""
    with late(jar_cache, END_TXN, PRODUCE) as (cluster, proxy):
        await create_topics(cluster, [Topic("in", {}), Topic("out", {})])
        log = KafkaLog(cluster)
        frozen = await log.open(GROUP, SOURCE)
        await frozen.commit([Message("out", b"k", b"1")], 1)
        assert proxy.is_held
        holder = await log.open(GROUP, SOURCE)
        await holder.commit([Message("out", b"k", b"2")], 2)
        with pytest.raises(Fenced):
            await frozen.commit([Message("out", b"k", b"2")], 2)
        await holder.commit([Message("out", b"k", b"3")], 3)
        assert await values(log) == [b"1", b"2", b"3"]
        await frozen.close()
        await holder.close()
