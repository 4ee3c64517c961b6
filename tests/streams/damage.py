"""Batches that can't be decoded, on a real broker."""

import struct
from pathlib import Path

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c

from streams.batches.raw_batches import parse_batches

CRC_AT, CRC_END = 17, 21


def encode(values: list[bytes], header: bytes = b"name", codec: int = 0) -> bytes:
    """Return a batch whose records have a header with a name of four bytes, UTF-8 or not."""
    builder = BatchBuilder(1 << 20, codec)
    for value in values:
        builder.append(timestamp=None, key=b"k", value=value, headers=[("NAME", b"1")])
    return with_crc(bytes(builder._build()).replace(b"NAME", header))


def with_crc(batch: bytes) -> bytes:
    """Return ``batch`` with the right checksum."""
    crc = struct.pack(">I", calc_crc32c(batch[CRC_END:]))
    return batch[:CRC_AT] + crc + batch[CRC_END:]


async def produce(bootstrap: str, topic: str, *batches: bytes) -> None:
    """Write ``batches`` to partition 0 as they are."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    await client.set_topics([topic])
    leader = client.cluster.leader_for_partition(KafkaPartition(topic, 0))
    for batch in batches:
        request = ProduceRequest(None, -1, 5_000, [(topic, [(0, batch)])])
        response = await client.send(leader, request)
        assert response.topics[0][1][0][1] == 0, response
    await client.close()


def damage(  # noqa: PLR0913 - partition has a default
    data: Path, topic: str, number: int, place: int, content: bytes, *, partition: int = 0
) -> None:
    """Overwrite bytes at ``place`` of a batch, in the running broker's file."""
    (log,) = (data / "broker-0" / "data" / f"{topic}-{partition}").glob("*.log")
    start = list(parse_batches(log.read_bytes()))[number].start
    with log.open("r+b") as file:
        file.seek(start + place)
        file.write(content)
