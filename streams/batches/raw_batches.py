"""Fetch record batches as the broker has them, without aiokafka's decoding (KIP-98, KIP-101).

aiokafka drops the leader epochs of batches, and one byte that it can't decode hides the whole
partition behind it.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import dropwhile
from typing import NamedTuple

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, LeaderNotAvailableError, for_code
from aiokafka.protocol.fetch import FetchRequest

_HEADER = struct.Struct(">qii")
"""Base offset, length of what follows the length, and leader epoch of a batch."""
_LENGTH_END = 12
_LAST_OFFSET = struct.Struct(">i")
_LAST_OFFSET_AT = 23
_FETCH_BYTES = 1 << 20
_FETCH_MS = 500
_READ_COMMITTED = 1


class RawBatch(NamedTuple):
    """A record batch, undecoded.

    Attributes:
        start: The place of the batch, in bytes from the first.
        begin: The offset of the first record.
        end: The offset after the last record.
        epoch: The number of the leader's term in which it was written.
        data: The bytes of the batch.
    """

    start: int
    begin: int
    end: int
    epoch: int
    data: bytes


class RawFetch(NamedTuple):
    """The answer to a fetch of one partition.

    Attributes:
        batches: The whole batches, from the one that has the offset on; none at the end of the log.
        aborted: The producer id and the first offset of each aborted transaction among them.
        last_stable: The offset up to which committed records can be read now.
    """

    batches: Sequence[RawBatch]
    aborted: Sequence[tuple[int, int]]
    last_stable: int


def parse_batches(data: bytes) -> Iterator[RawBatch]:
    """Yield the whole batches in ``data``; the last one may be cut off, and then is not whole.

    >>> [batch.end for batch in parse_batches(bytes(8) + bytes([0, 0, 0, 49]) + bytes(49))]
    [1]
    """
    start = 0
    while start + _LAST_OFFSET_AT + _LAST_OFFSET.size <= len(data):
        begin, length, epoch = _HEADER.unpack_from(data, start)
        stop = start + _LENGTH_END + length
        if stop > len(data) or stop <= start + _LAST_OFFSET_AT:
            return
        (last,) = _LAST_OFFSET.unpack_from(data, start + _LAST_OFFSET_AT)
        yield RawBatch(start, begin, begin + last + 1, epoch, data[start:stop])
        start = stop


async def fetch_raw(
    client: AIOKafkaClient,
    source: KafkaPartition,
    offset: int,
    *,
    isolation: int = _READ_COMMITTED,
    wait_ms: int = _FETCH_MS,
) -> RawFetch:
    """Return the committed batches from the one that has ``offset`` on.

    Raises:
        KafkaError: The broker does not give them.
    """
    node = client.cluster.leader_for_partition(source)
    if node is None or node < 0:
        await client.force_metadata_update()
        raise LeaderNotAvailableError(source)
    topics = [(source.topic, [(source.partition, offset, _FETCH_BYTES)])]
    request = FetchRequest(wait_ms, 1, _FETCH_BYTES, isolation, topics)
    response = await client.send(node, request)
    ((_, ((_, code, _, last_stable, *others, data),)),) = response.topics
    if code:
        error: type[KafkaError] = for_code(code)
        raise error(source)
    lists = [content for content in others if isinstance(content, list)]
    batches = dropwhile(lambda batch: batch.end <= offset, parse_batches(data or b""))
    return RawFetch(list(batches), lists[0] if lists else (), last_stable)
