"""Create topics with the right partitions and policies, check them, and delete old records."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import (
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from streams.core.errors import Misconfigured
from streams.core.record import TopicPartition
from streams.growth.layout import grow_command
from streams.kafka.cluster import Cluster
from streams.kafka.connection import new_admin, new_consumer
from streams.monitoring.diagnosis import errors_explained, explain_failure, forbidden_topics
from streams.monitoring.explain import explain_kafka
from streams.monitoring.topic_visibility import wait_until_visible


class Topic(NamedTuple):
    """A topic that the pipeline needs.

    Attributes:
        name: The full name.
        config: The broker's settings of the topic.
        partitions: The number of partitions; None for the cluster's.
        setting: The setting by which people choose the number of partitions.
        is_written: Whether agents write it.
        is_read: Whether an agent of this worker reads it, and relies on its number of partitions.
    """

    name: str
    config: Mapping[str, str]
    partitions: int | None = None
    setting: str = "NEWSQUAKE_KAFKA__PARTITIONS"
    is_written: bool = True
    is_read: bool = False

    def partitions_on(self, cluster: Cluster) -> int:
        """Return the number of partitions that the topic should have on ``cluster``."""
        return cluster.partitions if self.partitions is None else self.partitions


class TopicSummary(NamedTuple):
    """A topic on the cluster.

    Attributes:
        name: The full name.
        partitions: The number of partitions.
        offsets: The number of offsets in use: records, aborted ones and the markers of
            transactions included, as Kafka keeps no count of records.
    """

    name: str
    partitions: int
    offsets: int


async def create_topics(cluster: Cluster, topics: Sequence[Topic]) -> list[str]:
    """Create the topics that are missing, and return their names.

    Raises:
        Misconfigured: The cluster can't be reached or refuses, or a topic exists with another
            number of partitions.
    """
    async with admin_client(cluster) as admin:
        counts = await _partition_counts(admin, topics)
        _check_partitions(cluster, topics, counts)
        missing = [topic for topic in topics if topic.name not in counts]
        for topic in missing:
            await _create(admin, cluster, topic)
        await _raise_hidden(admin, cluster, [topic.name for topic in missing])
        if missing:
            await wait_until_visible(admin, [topic.name for topic in topics])
        return [topic.name for topic in missing]


async def verify_topics(cluster: Cluster, topics: Sequence[Topic]) -> None:
    """Check that all ``topics`` exist with the partitions that the settings say.

    Raises:
        Misconfigured: The cluster can't be reached, or a topic is missing or has another number of
            partitions; the message says what to do.
    """
    _check_partitions(cluster, topics, await partition_counts(cluster, topics))


async def partition_counts(cluster: Cluster, topics: Sequence[Topic]) -> dict[str, int]:
    """Return the number of partitions that each of ``topics`` has.

    Raises:
        Misconfigured: The cluster can't be reached, or a topic is missing; the message says what
            to do.
    """
    async with admin_client(cluster) as admin:
        counts = await _partition_counts(admin, topics)
        missing = [topic.name for topic in topics if topic.name not in counts]
        await _raise_hidden(admin, cluster, missing)
    if missing:
        shown = missing if len(missing) < 5 else [*missing[:3], f"{len(missing) - 3} others"]  # noqa: PLR2004 - three names and a number are read at a glance
        raise Misconfigured(
            f"no topic {', '.join(shown)} on {cluster.bootstrap}: create the topics with "
            "`newsquake topics create`, or set NEWSQUAKE_KAFKA__PREFIX to that of the topics there"
        )
    return counts


async def existing_counts(cluster: Cluster, topics: Sequence[Topic]) -> dict[str, int]:
    """Return the number of partitions of those of ``topics`` that exist.

    Raises:
        Misconfigured: The cluster can't be reached.
    """
    async with admin_client(cluster) as admin:
        return await _partition_counts(admin, topics)


async def list_topics(cluster: Cluster, topics: Sequence[Topic]) -> list[TopicSummary]:
    """Return those of ``topics`` that exist, in the same order.

    Raises:
        Misconfigured: The cluster can't be reached.
    """
    counts = await existing_counts(cluster, topics)
    summaries: list[TopicSummary] = []
    if not counts:
        return summaries  # aiokafka fails to stop a consumer that was not used
    async with new_consumer(cluster) as consumer:
        for topic in topics:
            if topic.name in counts:
                count = counts[topic.name]
                partitions = [KafkaPartition(topic.name, number) for number in range(count)]
                ends = await consumer.end_offsets(partitions)
                begins = await consumer.beginning_offsets(partitions)
                offsets = int(sum(ends.values()) - sum(begins.values()))
                summaries.append(TopicSummary(topic.name, count, offsets))
    return summaries


async def delete_before(cluster: Cluster, ends: Mapping[TopicPartition, int]) -> None:
    """Delete the records of each partition that stand before an offset (KIP-107).

    Raises:
        Misconfigured: The cluster can't be reached or refuses.
    """
    names = {source.topic for source in ends}
    async with admin_client(cluster) as admin, errors_explained(cluster, names):
        await admin.delete_records(
            {KafkaPartition(*source): RecordsToDelete(end) for source, end in ends.items()}
        )


@asynccontextmanager
async def admin_client(cluster: Cluster) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect an admin client for the length of a block.

    Raises:
        Misconfigured: The cluster can't be reached, or the block failed for a reason of Kafka's.
    """
    admin = new_admin(cluster)
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError) as error:
        raise Misconfigured(await explain_failure(error, cluster)) from error
    finally:
        await admin.close()


async def _partition_counts(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> dict[str, int]:
    """Return the number of partitions of each of ``topics`` that exists."""
    existing = set(await admin.list_topics())
    names = [topic.name for topic in topics if topic.name in existing]
    if not names:
        return {}
    described = await admin.describe_topics(names)
    return {topic["topic"]: len(topic["partitions"]) for topic in described}


def _check_partitions(cluster: Cluster, topics: Sequence[Topic], counts: Mapping[str, int]) -> None:
    wrong = [
        topic
        for topic in topics
        if topic.name in counts and counts[topic.name] != topic.partitions_on(cluster)
    ]
    if wrong:
        differences = "; ".join(
            f"{topic.name} has {counts[topic.name]}, not {topic.partitions_on(cluster)}"
            for topic in wrong
        )
        settings = " and ".join(dict.fromkeys(topic.setting for topic in wrong))
        largest = max(cluster.partitions, *(counts[topic.name] for topic in wrong))
        raise Misconfigured(
            f"topics have other partitions than the settings say ({differences}): set "
            f"{settings} to what the topics have; or grow them, with their memory, by "
            f"`{grow_command(largest)}`"
        )


async def _create(admin: AIOKafkaAdminClient, cluster: Cluster, topic: Topic) -> None:
    new = NewTopic(
        topic.name,
        topic.partitions_on(cluster),
        cluster.replication,
        topic_configs=dict(topic.config),
    )
    response = await admin.create_topics([new])
    for _, code, *messages in response.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            kind = for_code(code)
            reason = messages[0] if messages and messages[0] else kind.__name__
            if kind is TopicAuthorizationFailedError:
                reason = (
                    f"user {cluster.user!r} lacks the right Create; `newsquake acls operator` "
                    "prints the commands of kafka-acls that grant it"
                )
            raise Misconfigured(f"the cluster refused to create {topic.name}: {reason}")


async def _raise_hidden(admin: AIOKafkaAdminClient, cluster: Cluster, names: Sequence[str]) -> None:
    """Raise if the user may not see a topic of ``names``: to that user it does not exist."""
    if hidden := await forbidden_topics(admin, names):
        error = TopicAuthorizationFailedError()
        raise Misconfigured(explain_kafka(error, cluster, topics=hidden)) from None
