"""Pack messages into whole record batches, grouped by partition.

aiokafka keeps one batch in flight a partition; with its default of 16 KiB a batch a transaction of
1 MB takes twice as long as with batches near the broker's message limit.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from streams.core.record import Headers, Message, TopicPartition
from streams.kafka.partitioner import assign_partitions

ByPartition = Mapping[TopicPartition, list[Message]]


class RecordBatch(Protocol):
    """The part of aiokafka's ``BatchBuilder`` that is used here."""

    def append(
        self, *, timestamp: int | None, key: bytes | None, value: bytes | None, headers: Headers
    ) -> object | None:
        """Add a record; return None if the batch is full."""

    def size(self) -> int:
        """Return the bytes of the batch."""


B = TypeVar("B", bound=RecordBatch)


def group_by_partition(
    messages: Sequence[Message],
    partition_counts: Mapping[str, int],
    keyless: int,
    used: Mapping[str, int] | None = None,
) -> ByPartition:
    """Return ``messages`` by the partition that each belongs to, in order.

    A message without key and partition goes to the partition ``keyless``. ``used`` has the topics
    whose keys are assigned to fewer partitions than there are.
    """
    by_topic: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_topic[message.topic].append(message)

    groups: dict[TopicPartition, list[Message]] = {}
    for topic, sent in by_topic.items():
        count = partition_counts[topic]
        keys = [message.key for message in sent]
        assigned = assign_partitions(keys, (used or {}).get(topic, count), keyless)
        by_partition: dict[int, list[Message]] = defaultdict(list)
        for message, partition in zip(sent, assigned, strict=True):
            own = message.partition
            # A dead letter keeps the partition of its record; its topic may have fewer.
            by_partition[partition if own is None else own % count].append(message)
        groups |= {TopicPartition(topic, number): some for number, some in by_partition.items()}
    return groups


def pack(
    messages: Sequence[Message],
    create_batch: Callable[[], B],
    create_compressed: Callable[[], B],
    max_bytes: int,
) -> list[B]:
    """Return ``messages`` in as few batches of ``max_bytes`` as they fit into.

    A message that is larger than that stands alone in a compressed batch, whose compressed size the
    broker compares with its limit.
    """
    batches, begins = [create_batch()], [0]
    append = batches[0].append
    for index, (_, key, value, headers, timestamp, _) in enumerate(messages):
        fields = headers if type(headers) is list else list(headers)  # they mostly are
        if append(timestamp=timestamp, key=key, value=value, headers=fields) is None:
            batches.append(create_batch())
            begins.append(index)
            append = batches[-1].append
            append(timestamp=timestamp, key=key, value=value, headers=fields)
    for number, begin in enumerate(begins):
        if batches[number].size() > max_bytes:
            batches[number] = create_compressed()
            _, key, value, headers, timestamp, _ = messages[begin]
            batches[number].append(timestamp=timestamp, key=key, value=value, headers=list(headers))
    return batches
