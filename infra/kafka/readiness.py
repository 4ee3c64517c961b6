"""A metadata request to a broker, made without a client library, to learn whether it is ready."""

import socket
import struct
from typing import NamedTuple

from infra.kafka.properties import HOST

_INT16 = struct.Struct(">h")
_INT32 = struct.Struct(">i")

_METADATA_API, _API_VERSION = 3, 2
# Correlation id 0, no client id (null), an empty list of topics.
_REQUEST = struct.pack(">hhihi", _METADATA_API, _API_VERSION, 0, -1, 0)


class Metadata(NamedTuple):
    """A broker's view of its cluster: the id and the number of live brokers."""

    cluster_id: str
    brokers: int


def ask(port: int, timeout: float = 1.0) -> Metadata | None:
    """Return the metadata of the broker on ``port``, or None if nobody answers in ``timeout`` s.

    Connecting is not enough: the port accepts connections before the broker is registered, and a
    client that comes then learns of no broker. KIP-78 put the cluster's id into the response.
    """
    try:
        with socket.create_connection((HOST, port), timeout) as connection:
            connection.sendall(_INT32.pack(len(_REQUEST)) + _REQUEST)
            stream = connection.makefile("rb")
            (size,) = _INT32.unpack(stream.read(_INT32.size))
            return parse(stream.read(size))
    except (OSError, struct.error, UnicodeDecodeError):
        return None


def parse(response: bytes) -> Metadata:
    """Parse a metadata response, version 2, up to the cluster's id.

    Raises:
        struct.error: The response is cut short.
    """
    (brokers,) = _INT32.unpack_from(response, _INT32.size)  # after the correlation id
    position = 2 * _INT32.size
    for _ in range(brokers):
        _, position = _read_string(response, position + _INT32.size)  # host, after the node's id
        _, position = _read_string(response, position + _INT32.size)  # rack, after the port
    cluster_id, _ = _read_string(response, position)
    return Metadata(cluster_id, brokers)


def _read_string(response: bytes, position: int) -> tuple[str, int]:
    """Return the string at ``position`` and the position after it."""
    (length,) = _INT16.unpack_from(response, position)
    start = position + _INT16.size
    end = start + max(0, length)  # a length of -1 means null
    return response[start:end].decode(), end
