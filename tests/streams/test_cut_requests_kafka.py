"""Connections that end between a request and its answer: each kind of request is asked again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.kafka.embedded import EmbeddedKafka
from streams.core.record import Message, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from streams.monitoring.progress import Progress
from tests.streams import late_request
from tests.streams.late_request import CutRequest
from tests.streams.proxy import broker_behind

pytestmark = pytest.mark.kafka
LEADERLESS_SECONDS = 23.0
"""Longer than the 20 seconds that a producer of ours allows for a request."""
OPENING, FIRST, SECOND, READING = "opening", "first commit", "second commit", "reading"
CUTS = [
    *((name, at) for name in ("METADATA", "FIND_COORDINATOR") for at in (OPENING, READING)),
    ("FIND_COORDINATOR", FIRST),
    ("INIT_PRODUCER_ID", OPENING),
    *(
        (name, at)
        for name in ("ADD_PARTITIONS", "PRODUCE", "ADD_OFFSETS", "TXN_OFFSET_COMMIT", "END_TXN")
        for at in (FIRST, SECOND)
    ),
    ("OFFSET_FETCH", READING),
]


class Place(NamedTuple):
    """A broker behind a proxy."""

    cluster: Cluster
    proxy: CutRequest


@pytest.fixture(scope="module")
def place(jar_cache: Path) -> Iterator[Place]:
    """One broker for all cuts."""
    with broker_behind(jar_cache, CutRequest) as (address, proxy):
        yield Place(Cluster(bootstrap=address, partitions=1), proxy)


@pytest.mark.parametrize("is_passed_on", [False, True], ids=["lost", "unanswered"])
@pytest.mark.parametrize(("kind", "moment"), CUTS)
async def test_a_connection_that_ends_before_an_answer_ends_no_worker(
    place: Place, prefix: str, kind: str, moment: str, *, is_passed_on: bool
) -> None:
    """A worker would end, or lose or repeat articles, when a broker goes away under it."""
    cluster = place.cluster.model_copy(update={"prefix": prefix})
    group, source, out = f"{prefix}group", f"{prefix}in", f"{prefix}out"
    await create_topics(cluster, [Topic(source, {}), Topic(out, {})])
    log, partition = KafkaLog(cluster, Progress()), TopicPartition(source, 0)
    place.proxy.is_passed_on = is_passed_on

    def arm(now: str) -> None:
        if now == moment:
            place.proxy.kind = getattr(late_request, kind)

    arm(OPENING)
    session = await log.open(group, partition)
    arm(FIRST)
    await session.commit([Message(out, b"k", b"1")], 1, "one")
    arm(SECOND)
    await session.commit([Message(out, b"k", b"2")], 2, "two")
    await session.close()
    arm(READING)
    values = [
        record.value async for records in log.scan(TopicPartition(out, 0)) for record in records
    ]
    told = await log.committed(group, partition), await log.note(group, partition)
    assert place.proxy.kind is None
    assert (values, told) == ([b"1", b"2"], (2, "two"))


async def test_a_commit_waits_for_the_leader_of_a_partition(jar_cache: Path) -> None:
    """A worker would end when the only broker with a partition is away for half a minute."""
    with EmbeddedKafka(jar_cache, brokers=3) as kafka:
        cluster = Cluster(bootstrap=kafka.bootstrap, partitions=3, replication=1)
        await create_topics(cluster, [Topic("in", {}), Topic("out", {})])
        session = await KafkaLog(cluster, Progress()).open("group", TopicPartition("in", 0))
        await session.commit([Message("out", b"k", b"1", partition=n) for n in range(3)], 1)
        kafka.kill(2)
        second = [Message("out", b"k", b"2", partition=n) for n in range(3)]
        commit = asyncio.create_task(session.commit(second, 2))
        ended, _ = await asyncio.wait([commit], timeout=LEADERLESS_SECONDS)
        assert not ended
        await asyncio.to_thread(kafka.restart, 2)
        await asyncio.wait_for(commit, 30)
        await session.close()
