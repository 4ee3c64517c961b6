"""Free TCP ports for servers that are started a moment later."""

import random
import socket
import sys

from infra.kafka.error import EmbeddedKafkaError
from infra.kafka.properties import HOST, Node

# Below the range that Linux gives to outgoing connections (32768 up): any client might take a port
# from there between the choice and the bind, or while a killed broker is away.
_MIN_PORT, _MAX_PORT = 15_000, 32_000
_MAX_TRIES = 200


def is_free(port: int) -> bool:
    """Return whether a server could listen on ``port`` of the loopback interface now."""
    with socket.socket() as server:
        if sys.platform != "win32":
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Choose ``count`` different free ports at random, so that parallel sessions do not collide.

    Raises:
        EmbeddedKafkaError: Too few ports are free.
    """
    candidates = random.SystemRandom().sample(range(_MIN_PORT, _MAX_PORT), _MAX_TRIES)
    ports = [port for port in candidates if is_free(port)][:count]
    if len(ports) < count:
        raise EmbeddedKafkaError(f"no {count} free ports between {_MIN_PORT} and {_MAX_PORT}")
    return ports


def choose_nodes(count: int, first_port: int = 0) -> list[Node]:
    """Return ``count`` nodes with free ports; clients' ports begin at ``first_port`` if it is set.

    Raises:
        EmbeddedKafkaError: there are too few free ports.
    """
    ports = range(first_port, first_port + count) if first_port else ()
    spare = [port for port in free_ports(3 * count) if port not in ports]
    client_ports = ports or spare[count:]
    return [Node(index, client_ports[index], spare[index]) for index in range(count)]
