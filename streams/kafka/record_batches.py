"""Messages packed into whole record batches, one list of them for every partition.

aiokafka keeps one batch in flight a partition; with its default of 16 KiB a batch a transaction of
1 MB takes twice as long as with batches near the broker's message limit.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streams.core.record import Message, TopicPartition
from streams.kafka.partitioner import assign_partitions

Spread = Mapping[TopicPartition, list[Message]]


def spread(messages: Sequence[Message], counts: Mapping[str, int], keyless: int) -> Spread:
    """``messages`` by partition, in order; ``counts`` are the partitions of every topic."""
    topics: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        topics[message.topic].append(message)
    parts: dict[TopicPartition, list[Message]] = defaultdict(list)
    for topic, own in topics.items():
        numbers = assign_partitions([message.key for message in own], counts[topic], keyless)
        for message, number in zip(own, numbers, strict=True):
            # A dead letter keeps its record's partition; its topic may have fewer.
            asked = message.partition
            chosen = number if asked is None else asked % counts[topic]
            parts[TopicPartition(topic, chosen)].append(message)
    return parts


def pack(messages: Sequence[Message], create: Callable[[], Any]) -> list[Any]:
    """``messages`` in as few batches as they fit; ``create`` makes an empty ``BatchBuilder``."""
    batches = [create()]
    for message in messages:
        if not _append(batches[-1], message):
            batches.append(create())
            _append(batches[-1], message)
    return batches


def _append(batch: Any, message: Message) -> bool:
    appended = batch.append(
        timestamp=message.timestamp,
        key=message.key,
        value=message.value,
        headers=list(message.headers),
    )
    return appended is not None
