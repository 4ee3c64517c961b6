"""Decode a record batch more patiently than aiokafka does, and say why one can't be decoded.

The format is that of KIP-98 (magic 2). Kafka wants header names in UTF-8 and does not check them;
aiokafka takes one that is not for a broken batch.
"""

import struct
from collections.abc import Callable, Mapping
from itertools import starmap
from typing import Final, NamedTuple

from aiokafka import codec as codecs
from aiokafka.record.util import calc_crc32c, decode_varint
from aiokafka.structs import ConsumerRecord

from streams.batches.raw_batches import RawBatch

_FRAME: Final = struct.Struct(">qiibIhiqqqhii")
_CRC_END: Final = 21
_MAGIC: Final = 2
_CRC_WRONG: Final = (
    "its checksum (CRC) is wrong, so bytes changed on the broker's disk; with another replica, "
    "stop the broker that leads the partition, delete the partition's folder there and start it"
)
_CODEC_BITS, _LOG_APPEND_TIME, _TRANSACTIONAL, _CONTROL = 0x07, 0x08, 0x10, 0x20


class _Codec(NamedTuple):
    """A way to compress, as the number in a batch's attributes names it."""

    name: str
    is_there: Callable[[], bool]
    decode: Callable[[bytes], bytes]


_CODECS: Final[Mapping[int, _Codec]] = {
    number: _Codec(name, getattr(codecs, f"has_{name}"), getattr(codecs, f"{name}_decode"))
    for number, name in enumerate(("gzip", "snappy", "lz4", "zstd"), 1)
}


class BrokenBatch(ValueError):
    """The bytes of a batch say nothing that could be read; the text is the cause."""


class _Frame(NamedTuple):
    """The header of a batch."""

    base_offset: int
    length: int
    epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset: int
    first_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    sequence: int
    size: int


def decode_batch(
    topic: str, partition: int, batch: RawBatch, aborted: Mapping[int, int]
) -> list[ConsumerRecord]:
    r"""Return the records of ``batch``; none of a marker or of an aborted transaction.

    ``aborted`` has the first offset of an aborted transaction, by its producer's id. A byte of a
    header's name that is no UTF-8 is written as ``\xff``.

    Raises:
        BrokenBatch: The batch can't be read.
    """
    if len(batch.data) < _FRAME.size:
        raise BrokenBatch(f"it has {len(batch.data)} bytes, less than its header alone")
    frame = _Frame._make(_FRAME.unpack_from(batch.data))
    if frame.magic != _MAGIC:
        raise BrokenBatch(f"its format has the number {frame.magic}, not {_MAGIC}")
    if calc_crc32c(batch.data[_CRC_END:]) != frame.crc:
        raise BrokenBatch(_CRC_WRONG)
    is_aborted = aborted.get(frame.producer_id, batch.end) <= batch.begin
    if frame.attributes & _CONTROL or (frame.attributes & _TRANSACTIONAL and is_aborted):
        return []
    content = _decompress(frame.attributes & _CODEC_BITS, batch.data[_FRAME.size :])
    try:
        return _decode_records(topic, partition, frame, content)
    except (ValueError, IndexError) as error:
        raise BrokenBatch(f"its records are broken ({error})") from error


def _decompress(number: int, content: bytes) -> bytes:
    if number == 0:
        return content
    codec = _CODECS.get(number)
    if codec is None:
        raise BrokenBatch(f"it is compressed in an unknown way (number {number})")
    if not codec.is_there():
        raise BrokenBatch(
            f"it is compressed with {codec.name}, and the library for that is missing: install "
            f"aiokafka[{codec.name}] and start again"
        )
    try:
        return codec.decode(content)
    except Exception as error:  # each library has errors of its own
        raise BrokenBatch(f"its {codec.name} data is broken ({error})") from error


def _decode_records(
    topic: str, partition: int, frame: _Frame, content: bytes
) -> list[ConsumerRecord]:
    position, records = 0, list[ConsumerRecord]()
    buffer = bytearray(content)
    for _ in range(frame.size):
        length, begin = decode_varint(buffer, position)
        time_delta, after = decode_varint(buffer, begin + 1)
        offset_delta, after = decode_varint(buffer, after)
        key, after = _read_bytes(buffer, after)
        value, after = _read_bytes(buffer, after)
        header_count, after = decode_varint(buffer, after)
        fields: list[tuple[bytes | None, bytes | None]] = []
        for _ in range(header_count):
            name, after = _read_bytes(buffer, after)
            text, after = _read_bytes(buffer, after)
            fields.append((name, text))
        position = begin + length
        if after != position:
            raise ValueError(f"a record of {length} bytes ends after {after - begin}")
        time = frame.first_timestamp + time_delta
        if frame.attributes & _LOG_APPEND_TIME:
            time = frame.max_timestamp
        offset, headers = frame.base_offset + offset_delta, tuple(starmap(_header, fields))
        records.append(
            ConsumerRecord(
                topic=topic,
                partition=partition,
                offset=offset,
                timestamp=time,
                timestamp_type=int(bool(frame.attributes & _LOG_APPEND_TIME)),
                key=key,
                value=value,
                checksum=None,
                serialized_key_size=-1 if key is None else len(key),
                serialized_value_size=-1 if value is None else len(value),
                headers=headers,
            )
        )
    return records


def _read_bytes(buffer: bytearray, position: int) -> tuple[bytes | None, int]:
    length, begin = decode_varint(buffer, position)
    if length < 0:
        return None, begin
    if begin + length > len(buffer):
        raise ValueError(f"{length} bytes are announced, and {len(buffer) - begin} are there")
    return bytes(buffer[begin : begin + length]), begin + length


def _header(name: bytes | None, value: bytes | None) -> tuple[str, bytes]:
    """Return a header; a value may be null, as from aiokafka."""
    return (name or b"").decode("utf-8", "backslashreplace"), value  # type: ignore[return-value]
