"""Whether a broker answers, asked without a client library."""

import socket
import struct

from infra.kafka.properties import HOST

_METADATA_V1_WITHOUT_TOPICS = struct.pack(">hhihi", 3, 1, 0, -1, 0)
_BROKERS = struct.Struct(">ii")  # the answer's correlation id, and how many brokers follow


def brokers_known(port: int, timeout: float = 1.0) -> int:
    """How many brokers the one on ``port`` counts as alive; 0 when it does not answer.

    A metadata request rather than a connect: the port accepts before the broker is registered, and
    a client that comes then is told that there is no broker. ``timeout`` in seconds.
    """
    try:
        with socket.create_connection((HOST, port), timeout) as connection:
            request = _METADATA_V1_WITHOUT_TOPICS
            connection.sendall(struct.pack(">i", len(request)) + request)
            answer = connection.makefile("rb").read(4 + _BROKERS.size)[4:]
    except OSError:
        return 0
    return int(_BROKERS.unpack(answer)[1]) if len(answer) == _BROKERS.size else 0
