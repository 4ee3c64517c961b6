"""A TCP proxy in front of a broker, which can stand still, cut connections, and be slow."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar

from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.port import free_ports

_CHUNK_BYTES = 1 << 16


class Proxy:
    """Forwards each connection to ``port`` on loopback to the port ``target`` there.

    Attributes:
        delay: Seconds by which each piece of data is held back.
        is_full: Whether new connections are accepted and never forwarded, as those are that a
            broker's queue has no room for.
    """

    def __init__(self, port: int, target: int) -> None:
        self._server = socket.create_server(("127.0.0.1", port))
        self._target = target
        self._flows = threading.Event()
        self._flows.set()
        self._ends: set[socket.socket] = set()
        self._dead: set[socket.socket] = set()
        self._kept: list[socket.socket] = []
        self.delay = 0.0
        self.is_full = False

    def forget(self) -> None:
        """Forward nothing more of the present connections, as if they were; new ones work."""
        self._dead |= self._ends

    def cut(self, *, reset: bool = False) -> None:
        """Close all connections; new ones are accepted. A ``reset`` is how a dead host does it."""
        for end in list(self._ends):
            with suppress(OSError):
                if reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Forward nothing more; connections stay, and new ones are accepted."""
        self._flows.clear()

    def thaw(self) -> None:
        """Forward again, what was held back too."""
        self._flows.set()

    def alter(self, data: bytes, source: socket.socket) -> bytes:
        """Return what is passed on of ``data`` that came from ``source``."""
        return data

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self._flows.set()
        for client in self._kept:
            client.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            if self.is_full:
                self._kept.append(client)
                continue
            try:
                broker = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            for pair in ((client, broker), (broker, client)):
                threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        self._ends.add(source)
        try:
            while data := source.recv(_CHUNK_BYTES):
                self._flows.wait()
                if source in self._dead:
                    continue
                if self.delay:
                    time.sleep(self.delay)
                sink.sendall(self.alter(data, source))
        except OSError:
            pass
        finally:
            self._ends.discard(source)
            for end in (source, sink):
                with suppress(OSError):  # a close alone tells nobody while another thread reads
                    end.shutdown(socket.SHUT_RDWR)
                end.close()


class Flip(Proxy):
    """Flips a bit of what the broker sends, once.

    Attributes:
        needle: Bytes by which the place is found; nothing is flipped while there are none.
        place: The place of the byte, from the first of the needle.
    """

    def __init__(self, port: int, target: int) -> None:
        super().__init__(port, target)
        self.needle = b""
        self.place = 0

    def alter(self, data: bytes, source: socket.socket) -> bytes:
        place = data.find(self.needle) + self.place
        if not self.needle or self.needle not in data or source.getpeername()[1] != self._target:
            return data
        self.needle = b""
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


P = TypeVar("P", bound=Proxy)


@contextmanager
def broker_behind(jar_cache: Path, create: Callable[[int, int], P]) -> Iterator[tuple[str, P]]:
    """Run a broker that is reached through a proxy; yield their address and the proxy.

    ``create`` makes the proxy of its own port and that of the broker.
    """
    port, front = free_ports(2)
    address = f"127.0.0.1:{front}"
    behind = {"advertised.listeners": f"PLAINTEXT://{address}"}
    with EmbeddedKafka(jar_cache, port=port, properties=behind), create(front, port) as proxy:
        yield address, proxy
