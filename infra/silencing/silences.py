"""Read and write the silences of a cluster."""

from agents.silencing.silence_book import SilenceBook
from agents.silencing.silence_message import silence_message
from agents.silencing.silence_table import SilenceTable
from schemas.channels import SILENCES
from schemas.silence import Silence
from streams.kafka.cluster import Cluster
from streams.kafka.connection import new_producer
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, partition_counts
from streams.monitoring.diagnosis import errors_explained
from streams.monitoring.progress import Progress


def patient_table(cluster: Cluster, progress: Progress) -> SilenceTable:
    """Return the silences for a worker, which waits while Kafka is away."""
    return SilenceTable(KafkaLog(cluster, progress), cluster.topic(SILENCES.topic))


async def read_silences(cluster: Cluster) -> SilenceBook:
    """Return all silences that there are now.

    Raises:
        Misconfigured: There is no broker, it went away, or there is no such topic.
    """
    topic = cluster.topic(SILENCES.topic)
    await partition_counts(cluster, [Topic(topic, {})])
    async with errors_explained(cluster, [topic]):
        return await SilenceTable(KafkaLog(cluster), topic).current()


async def write_silence(cluster: Cluster, silence: Silence) -> None:
    """Write a silence, or its end; once this returns, all who ask for the silences know it.

    Raises:
        Misconfigured: Kafka did not take it.
    """
    topic = cluster.topic(SILENCES.topic)
    message = silence_message(topic, silence)
    async with (
        errors_explained(cluster, [topic]),
        # A second record of a silence says the same as the first.
        new_producer(cluster, acks="all") as producer,
    ):
        await producer.send_and_wait(
            topic,
            message.value,
            message.key,
            partition=message.partition,
            headers=list(message.headers),
        )
