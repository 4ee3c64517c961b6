"""Learn what time it is for a broker.

No answer of Kafka carries it. But whoever leads a partition dates the markers of transactions by
the broker's own clock, and the controllers tell when they were last in touch with each other.
"""

import struct
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import IncompatibleBrokerVersion

from streams.batches.raw_batches import RawBatch, fetch_raw
from streams.kafka.requests import describe_quorum

_ATTRIBUTES: Final = struct.Struct(">h")
_ATTRIBUTES_AT: Final = 21
_MAX_TIMESTAMP: Final = struct.Struct(">qq")
"""The largest timestamp of a batch, and the id of its producer."""
_MAX_TIMESTAMP_AT: Final = 35
_IS_CONTROL: Final = 0x20
"""The bit of a batch that holds a marker (KIP-98)."""
_READ_UNCOMMITTED: Final = 0
_MILLISECONDS: Final = 1_000


class Marker(NamedTuple):
    """The marker of a transaction: its producer, and the broker's time in milliseconds."""

    producer: int
    timestamp: int


def markers(batches: Iterable[RawBatch]) -> Iterator[Marker]:
    """Yield the markers among ``batches``."""
    for batch in batches:
        (attributes,) = _ATTRIBUTES.unpack_from(batch.data, _ATTRIBUTES_AT)
        if attributes & _IS_CONTROL:
            timestamp, producer = _MAX_TIMESTAMP.unpack_from(batch.data, _MAX_TIMESTAMP_AT)
            yield Marker(producer, timestamp)


async def find_marker(
    client: Any, partition: KafkaPartition, begin: int, producer: int
) -> int | None:
    """Return the timestamp of the first marker of ``producer`` from the offset ``begin`` on."""
    fetched = await fetch_raw(client, partition, begin, isolation=_READ_UNCOMMITTED)
    times = (mark.timestamp for mark in markers(fetched.batches) if mark.producer == producer)
    return next(times, None)


def seconds_ahead(timestamp_ms: int, after: float, before: float) -> float:
    """Return by how much a clock is ahead that showed ``timestamp_ms`` between two times of ours.

    A clock that may be right is 0 ahead; one that is behind is ahead by a negative number.

    >>> seconds_ahead(1_500, 1.0, 2.0), seconds_ahead(9_000, 1.0, 2.0), seconds_ahead(0, 1.0, 2.0)
    (0.0, 7.0, -1.0)
    """
    seconds = timestamp_ms / _MILLISECONDS
    return seconds - min(max(seconds, after), before)


async def controller_clock(client: Any, node: int) -> tuple[int, float | None]:
    """Return the number of the controller that leads, and by how many seconds it is ahead of us.

    None if the cluster does not tell: that needs the right Describe on the cluster.
    """
    after = time.time()
    try:
        answer = (await client.send(node, describe_quorum())).to_object()
    except IncompatibleBrokerVersion:
        return -1, None
    before = time.time()
    for topic in answer["topics"]:
        for partition in topic["partitions"]:
            leader = int(partition["leader"])
            for voter in partition["voters"]:
                if voter["replica"] == leader and voter["caught_up_at"] > 0:
                    return leader, seconds_ahead(voter["caught_up_at"], after, before)
    return -1, None
