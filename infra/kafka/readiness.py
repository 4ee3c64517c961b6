"""Whether a broker answers, asked without a client library."""

import socket
import struct
from typing import NamedTuple

from infra.kafka.properties import HOST

_METADATA, _VERSION = 3, 2
_REQUEST = struct.pack(">hhihi", _METADATA, _VERSION, 0, -1, 0)  # no client id, about no topic
_INT16 = struct.Struct(">h")
_INT32 = struct.Struct(">i")


class Metadata(NamedTuple):
    """What a broker says of its cluster."""

    cluster_id: str
    brokers: int


def ask(port: int, timeout: float = 1.0) -> Metadata | None:
    """What the broker on ``port`` knows, or None while nobody answers there.

    A metadata request (KIP-78 put the cluster's id in) rather than a connect: the port accepts
    before the broker is registered, and a client that comes then is told that there is no broker.
    ``timeout`` in seconds.
    """
    try:
        with socket.create_connection((HOST, port), timeout) as connection:
            connection.sendall(_INT32.pack(len(_REQUEST)) + _REQUEST)
            answer = connection.makefile("rb")
            (size,) = _INT32.unpack(answer.read(_INT32.size))
            return parse(answer.read(size))
    except (OSError, struct.error, UnicodeDecodeError):
        return None


def parse(answer: bytes) -> Metadata:
    """Read a metadata response, version 2, up to the cluster's id.

    Raises:
        struct.error: it is cut short.
    """
    (brokers,) = _INT32.unpack_from(answer, _INT32.size)  # after the correlation id
    at = 2 * _INT32.size
    for _ in range(brokers):
        _, at = _string(answer, at + _INT32.size)  # after the node's id
        _, at = _string(answer, at + _INT32.size)  # after its port: the rack
    cluster_id, _ = _string(answer, at)
    return Metadata(cluster_id, brokers)


def _string(answer: bytes, at: int) -> tuple[str, int]:
    (length,) = _INT16.unpack_from(answer, at)
    start = at + _INT16.size
    end = start + max(0, length)  # -1 is null
    return answer[start:end].decode(), end
