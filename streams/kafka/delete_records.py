"""Delete the oldest records of partitions (KIP-107)."""

from collections.abc import Mapping

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin.records_to_delete import RecordsToDelete

from streams.core.record import TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.topics import admin_client
from streams.monitoring.diagnosis import errors_explained


async def delete_before(cluster: Cluster, ends: Mapping[TopicPartition, int]) -> None:
    """Delete the records of each partition that stand before an offset.

    Raises:
        Misconfigured: The cluster can't be reached or refuses.
    """
    topics = {source.topic for source in ends}
    async with admin_client(cluster) as admin, errors_explained(cluster, topics):
        await admin.delete_records(
            {KafkaPartition(*source): RecordsToDelete(end) for source, end in ends.items()}
        )
