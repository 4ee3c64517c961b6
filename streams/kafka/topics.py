"""Topics: made with the right partitions and policies, checked before anything reads them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster
from streams.kafka.connection import client_options

_LOOKS, _LOOK_SECONDS = 100, 0.1


class Topic(NamedTuple):
    """A topic by its full name, and the settings that it is made with.

    ``partitions`` is their number, None for the cluster's; ``setting`` is what people set it by.
    """

    name: str
    config: Mapping[str, str]
    partitions: int | None = None
    setting: str = "NEWSQUAKE_KAFKA__PARTITIONS"


class TopicSummary(NamedTuple):
    """A topic as the cluster has it; ``records`` counts offsets, control records included."""

    name: str
    partitions: int
    records: int


async def create_topics(cluster: Cluster, topics: Sequence[Topic]) -> list[str]:
    """Make the topics that are missing; the names of those made.

    Raises:
        Misconfigured: unreachable, refused, or a topic has another number of partitions.
    """
    async with _admin(cluster) as admin:
        found = await _found(admin, topics)
        _check_partitions(cluster, topics, found)
        missing = [topic for topic in topics if topic.name not in found]
        for topic in missing:
            await _make(admin, cluster, topic)
        if missing:
            await _seen(admin, topics)
        return [topic.name for topic in missing]


async def verify_topics(cluster: Cluster, topics: Sequence[Topic]) -> None:
    """Check that all ``topics`` are there and have the partitions that the settings say.

    Raises:
        Misconfigured: with what to do about it.
    """
    async with _admin(cluster) as admin:
        found = await _found(admin, topics)
    if missing := [topic.name for topic in topics if topic.name not in found]:
        raise Misconfigured(
            f"no topic {', '.join(missing)} on {cluster.bootstrap}: "
            "create the topics with `newsquake topics create`"
        )
    _check_partitions(cluster, topics, found)


async def list_topics(cluster: Cluster, topics: Sequence[Topic]) -> list[TopicSummary]:
    """Those of ``topics`` that exist, in the given order.

    Raises:
        Misconfigured: the cluster can't be reached.
    """
    async with _admin(cluster) as admin:
        found = await _found(admin, topics)
    async with AIOKafkaConsumer(**client_options(cluster)) as consumer:
        return [
            TopicSummary(topic.name, found[topic.name], await _records(consumer, topic.name, found))
            for topic in topics
            if topic.name in found
        ]


async def _records(consumer: AIOKafkaConsumer, name: str, found: Mapping[str, int]) -> int:
    partitions = [KafkaPartition(name, part) for part in range(found[name])]
    ends = await consumer.end_offsets(partitions)
    begins = await consumer.beginning_offsets(partitions)
    return int(sum(ends.values()) - sum(begins.values()))


async def _seen(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    """Wait until the broker that is asked knows ``topics``, of which the controller told it."""
    for _ in range(_LOOKS):
        if len(await _found(admin, topics)) == len(topics):
            return
        await asyncio.sleep(_LOOK_SECONDS)


@asynccontextmanager
async def _admin(cluster: Cluster) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**client_options(cluster))
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError) as error:
        raise Misconfigured(
            f"no Kafka at {cluster.bootstrap} ({type(error).__name__}): start it (`newsquake "
            "kafka up` runs one here) or set NEWSQUAKE_KAFKA__BOOTSTRAP to where it is"
        ) from error
    finally:
        await admin.close()


async def _found(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> dict[str, int]:
    known = set(await admin.list_topics())
    wanted = [topic.name for topic in topics if topic.name in known]
    if not wanted:
        return {}
    described = await admin.describe_topics(wanted)
    return {topic["topic"]: len(topic["partitions"]) for topic in described}


def _check_partitions(cluster: Cluster, topics: Sequence[Topic], found: Mapping[str, int]) -> None:
    there = [it for it in topics if it.name in found]
    wrong = [it for it in there if found[it.name] != _partitions(cluster, it)]
    if wrong:
        each = [f"{it.name} has {found[it.name]}, not {_partitions(cluster, it)}" for it in wrong]
        settings = " and ".join(dict.fromkeys(it.setting for it in wrong))
        raise Misconfigured(
            f"topics have other partitions than the settings say ({'; '.join(each)}): set "
            f"{settings} to what the topics have, or another NEWSQUAKE_KAFKA__PREFIX to start "
            "afresh"
        )


def _partitions(cluster: Cluster, topic: Topic) -> int:
    return cluster.partitions if topic.partitions is None else topic.partitions


async def _make(admin: AIOKafkaAdminClient, cluster: Cluster, topic: Topic) -> None:
    new = NewTopic(
        topic.name,
        _partitions(cluster, topic),
        cluster.replication,
        topic_configs=dict(topic.config),
    )
    response = await admin.create_topics([new])
    for _, code, *why in response.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            reason = why[0] if why and why[0] else for_code(code).__name__
            raise Misconfigured(f"the cluster refused to create {topic.name}: {reason}")
