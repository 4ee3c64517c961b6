"""Find where another leader began to write, from the leader epochs in record batches (KIP-101).

aiokafka knows no ``OffsetsForLeaderEpoch`` request and drops the epochs while it decodes records,
so batches are fetched here undecoded. Only a log that lost records is ever read in this way.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.fetch import FetchRequest

_HEADER = struct.Struct(">qii")
"""Base offset, length of what follows the length, and leader epoch of a batch."""
_LENGTH_END = 12
_LAST_OFFSET = struct.Struct(">i")
_LAST_OFFSET_AT = 23
_FETCH_BYTES = 1 << 20
_FETCH_MS = 500


class Batch(NamedTuple):
    """The header of a record batch.

    Attributes:
        at: The place of the batch, in bytes from the first.
        begin: The offset of the first record.
        end: The offset after the last record.
        epoch: The number of the leader's term in which it was written.
    """

    at: int
    begin: int
    end: int
    epoch: int


def parse_batches(data: bytes) -> Iterator[Batch]:
    """Yield the headers of the whole batches in ``data``; the last one may be cut off."""
    at = 0
    while at + _LAST_OFFSET_AT + _LAST_OFFSET.size <= len(data):
        begin, length, epoch = _HEADER.unpack_from(data, at)
        (last,) = _LAST_OFFSET.unpack_from(data, at + _LAST_OFFSET_AT)
        yield Batch(at, begin, begin + last + 1, epoch)
        at += _LENGTH_END + length


async def find_leader_change(
    client: AIOKafkaClient, source: KafkaPartition, begin: int, end: int
) -> int | None:
    """Return the first offset from ``begin`` + 1 to ``end`` at which another leader began.

    None if there is none, or if the log ends before. ``begin`` is the offset of a record.
    """
    epoch: int | None = None
    position = begin
    while position <= end and (batches := await _fetch(client, source, position)):
        for batch in batches:
            epoch = batch.epoch if epoch is None else epoch
            if batch.epoch != epoch:
                return batch.begin if batch.begin <= end else None
            position = batch.end
    return None


async def _fetch(client: AIOKafkaClient, source: KafkaPartition, offset: int) -> list[Batch]:
    """Return the batches from the one that has ``offset`` on; none at the end of the log."""
    data = await fetch_bytes(client, source, offset)
    return [batch for batch in parse_batches(data) if batch.end > offset]


async def fetch_bytes(client: AIOKafkaClient, source: KafkaPartition, offset: int) -> bytes:
    """Return record batches, undecoded, from the one that has ``offset`` on."""
    node = client.cluster.leader_for_partition(source)
    topics = [(source.topic, [(source.partition, offset, _FETCH_BYTES)])]
    response = await client.send(node, FetchRequest(_FETCH_MS, 0, _FETCH_BYTES, 0, topics))
    ((_, ((_, code, *_, data),)),) = response.topics
    if code:
        error: type[KafkaError] = for_code(code)
        raise error(source)
    return bytes(data or b"")
