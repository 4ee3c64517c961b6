"""Read all that a topic has at the moment."""

from collections.abc import AsyncIterator

from infra.progress.meter import Meter
from streams.core.record import Record, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, partition_counts
from streams.monitoring.diagnosis import errors_explained


async def scan_topic(cluster: Cluster, topic: str) -> AsyncIterator[Record]:
    """Yield all committed records of ``topic``, one partition after the other; show how far it is.

    Raises:
        Misconfigured: There is no broker, it went away, or there is no such topic.
    """
    counts = await partition_counts(cluster, [Topic(topic, {})])
    log = KafkaLog(cluster)
    sources = [TopicPartition(topic, partition) for partition in range(counts[topic])]
    with Meter() as meter:
        async with errors_explained(cluster, [topic]):
            bounds = [await log.bounds(source) for source in sources]
            meter.begin(f"reading {topic}", "records", sum(end - start for start, end in bounds))
            before = 0
            for source, (start, end) in zip(sources, bounds, strict=True):
                async for records in log.scan(source):
                    for record in records:
                        meter.update(before + record.offset - start + 1)
                        yield record
                before += end - start
