"""Make, fill and count the topics of a benchmark."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from articles import Input
from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

PARTITIONS = 4

_POLL_SECONDS = 0.05
_NO_GROUP_YET = {
    KafkaError.GROUP_ID_NOT_FOUND,
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
}
_NOT_YET = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError._NOENT,  # noqa: SLF001 - "no leaders found"; the library has no public name for it
}


class Broker:
    """An administrator of the broker at ``bootstrap``."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        self._counts: dict[str, int] = {}

    def create(self, names: Sequence[str], partitions: int = PARTITIONS) -> None:
        """Make topics and wait until they can be read."""
        new = [NewTopic(name, partitions, 1) for name in names]
        _await_all(self._admin.create_topics(new))
        for name in names:
            while not self._is_ready(name):
                time.sleep(_POLL_SECONDS)

    def _is_ready(self, topic: str) -> bool:
        # librdkafka answers from its cache for ever, unless it is made to ask again.
        self._admin.list_topics(topic, timeout=30)
        try:
            self.visible(topic)
        except KafkaException as error:
            if error.args[0].retriable() or error.args[0].code() in _NOT_YET:
                return False
            raise
        return True

    def delete(self, prefix: str) -> None:
        """Remove every topic whose name contains ``prefix``, changelogs included."""
        names = [name for name in self._admin.list_topics(timeout=30).topics if prefix in name]
        if names:
            _await_all(self._admin.delete_topics(names))

    def fill(self, topic: str, inputs: Iterable[Input]) -> None:
        """Write ``inputs`` to ``topic``, in the partitions that the Java client would choose."""
        producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "partitioner": "murmur2_random",
                "linger.ms": 50,
                "queue.buffering.max.messages": 1_000_000,
            }
        )
        for key, value in inputs:
            produce(producer, topic, key, value)
        producer.flush()

    def visible(self, topic: str) -> int:
        """Return the sum of the last stable offsets, up to which a read_committed consumer reads.

        It includes a marker for each transaction and partition. The request costs the broker next
        to nothing, while a consumer would take processor time from the peers.
        """
        latest = {partition: OffsetSpec.latest() for partition in self._partitions(topic)}
        level = IsolationLevel.READ_COMMITTED
        offsets = self._admin.list_offsets(latest, isolation_level=level)
        return sum(future.result().offset for future in offsets.values())

    def _partitions(self, topic: str) -> list[TopicPartition]:
        if topic not in self._counts:
            metadata = self._admin.list_topics(topic, timeout=30).topics[topic]
            if not metadata.partitions:  # the topic is being made
                return [TopicPartition(topic, number) for number in range(PARTITIONS)]
            self._counts[topic] = len(metadata.partitions)
        return [TopicPartition(topic, number) for number in range(self._counts[topic])]

    def taken(self, group: str, topic: str) -> int:
        """Return the sum of the offsets that ``group`` has committed in ``topic``."""
        request = ConsumerGroupTopicPartitions(group, self._partitions(topic))
        futures = self._admin.list_consumer_group_offsets([request])
        try:
            offsets = futures[group].result().topic_partitions
        except KafkaException as error:
            if error.args[0].code() in _NO_GROUP_YET:
                return 0
            raise
        return sum(max(0, partition.offset) for partition in offsets)


def produce(producer: Producer, topic: str, key: bytes, value: bytes) -> None:
    """Hand a message to ``producer``, and wait while its queue is full."""
    while True:
        try:
            producer.produce(topic, value, key)
        except BufferError:
            producer.poll(0.1)
        else:
            producer.poll(0)
            return


def _await_all(futures: dict[str, Any]) -> None:
    for future in futures.values():
        future.result()
