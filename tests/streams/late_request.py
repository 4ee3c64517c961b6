"""Proxies that treat one request otherwise than the rest."""

import socket
import threading
from contextlib import suppress

from tests.streams.proxy import Proxy

PRODUCE, METADATA, OFFSET_FETCH, FIND_COORDINATOR = 0, 3, 9, 10
INIT_PRODUCER_ID, ADD_PARTITIONS, ADD_OFFSETS, END_TXN, TXN_OFFSET_COMMIT = 22, 24, 25, 26, 28
"""The numbers of requests in Kafka's protocol."""
_SIZE_BYTES = 4
_SECONDS = 10.0


class LateRequest(Proxy):
    """Holds back the first request of the kind ``late``, and ends the client's connection then.

    It is brought to the broker before the first request of the kind ``before`` that comes after
    ``is_due`` was set.
    """

    def __init__(self, port: int, target: int, late: int, before: int) -> None:
        super().__init__(port, target)
        self.is_due = False
        self.is_answered = threading.Event()
        self._late = late
        self._before = before
        self._held: tuple[bytes, socket.socket] | None = None
        self._lock = threading.Lock()

    @property
    def is_held(self) -> bool:
        """Return whether a request was held back."""
        return self._held is not None

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        if source.getpeername()[1] == self._target:
            self._pass_answers(source, sink)
            return
        with suppress(OSError):
            while request := _read_request(source):
                kind = _kind_of(request)
                with self._lock:
                    if kind == self._late and self._held is None:
                        self._held = request, sink
                        source.shutdown(socket.SHUT_RDWR)
                        return  # the connection to the broker stays
                    if kind == self._before and self.is_due and not self.is_answered.is_set():
                        assert self._held
                        late, broker = self._held
                        broker.sendall(late)
                        assert self.is_answered.wait(_SECONDS)
                sink.sendall(request)
        sink.close()

    def _pass_answers(self, broker: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while answer := broker.recv(1 << 16):
                if self._held and self._held[1] is broker:
                    self.is_answered.set()
                else:
                    client.sendall(answer)
        client.close()


class CutRequest(Proxy):
    """Ends the connection of a client at the next request of a kind, which gets no answer.

    Attributes:
        kind: The kind; None once it has come.
        is_passed_on: Whether the broker gets that request.
    """

    def __init__(self, port: int, target: int) -> None:
        super().__init__(port, target)
        self.kind: int | None = None
        self.is_passed_on = False

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        if source.getpeername()[1] == self._target:
            super()._forward(source, sink)
            return
        with suppress(OSError):
            while request := _read_request(source):
                if _kind_of(request) != self.kind:
                    sink.sendall(request)
                    continue
                self.kind = None
                source.shutdown(socket.SHUT_RDWR)
                if self.is_passed_on:
                    sink.sendall(request)
                break
        sink.close()


def _kind_of(request: bytes) -> int:
    return int.from_bytes(request[_SIZE_BYTES : _SIZE_BYTES + 2])


def _read_request(client: socket.socket) -> bytes:
    """Return a request with its size in front; nothing when the connection has ended."""
    size = client.recv(_SIZE_BYTES, socket.MSG_WAITALL)
    return size and size + client.recv(int.from_bytes(size), socket.MSG_WAITALL)
