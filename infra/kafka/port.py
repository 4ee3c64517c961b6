"""Free TCP ports for servers that are started a moment later."""

import random
import socket
import sys

from infra.kafka.failure import EmbeddedKafkaError
from infra.kafka.properties import HOST

# Below the range that Linux hands to outgoing connections (32768 up): a port from there may be
# taken by any client between the choice and the bind, or while a killed broker is away.
_FIRST, _LAST = 15_000, 32_000
_TRIES = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` of the loopback interface now."""
    with socket.socket() as server:
        if sys.platform != "win32":
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Choose ``count`` different ports at random, so that sessions side by side do not collide.

    Raises:
        EmbeddedKafkaError: hardly any port is free.
    """
    candidates = random.SystemRandom().sample(range(_FIRST, _LAST), _TRIES)
    found = [port for port in candidates if is_free(port)][:count]
    if len(found) < count:
        raise EmbeddedKafkaError(f"no {count} free ports between {_FIRST} and {_LAST}")
    return found
