"""Read all that a topic has at the moment."""

from collections.abc import AsyncIterator

from streams.core.record import Record, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, partition_counts
from streams.monitoring.diagnosis import errors_explained


async def scan_topic(cluster: Cluster, topic: str) -> AsyncIterator[Record]:
    """Yield all committed records of ``topic``, one partition after the other.

    Raises:
        Misconfigured: There is no broker, it went away, or there is no such topic.
    """
    counts = await partition_counts(cluster, [Topic(topic, {})])
    log = KafkaLog(cluster)
    async with errors_explained(cluster, [topic]):
        for partition in range(counts[topic]):
            async for records in log.scan(TopicPartition(topic, partition)):
                for record in records:
                    yield record
