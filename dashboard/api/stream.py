"""Server-sent events: each event is made once, whoever listens."""

import asyncio
from typing import Any, Final

import orjson

MAX_WAITING: Final = 64
"""Events that wait for a slow listener; then it is sent away, and its browser asks anew."""


class Broadcaster:
    """Hands events to all who listen."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[bytes]] = set()

    def __len__(self) -> int:
        """Return the number of listeners."""
        return len(self._listeners)

    def join(self) -> asyncio.Queue[bytes]:
        """Return the queue of a new listener; an empty event in it is the end."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(MAX_WAITING)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[bytes]) -> None:
        """Forget a listener."""
        self._listeners.discard(queue)

    def send(self, event: str, content: Any) -> None:
        """Hand an event to all; who can't keep up is sent away."""
        data = encode(event, content)
        for queue in list(self._listeners):
            if queue.full():
                self._end(queue)
            else:
                queue.put_nowait(data)

    def close(self) -> None:
        """Send all listeners away."""
        for queue in list(self._listeners):
            self._end(queue)

    def _end(self, queue: asyncio.Queue[bytes]) -> None:
        self.leave(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(b"")


def encode(event: str, content: Any) -> bytes:
    r"""Return an event in the form of the stream.

    >>> encode("alert", {"id": "a"})
    b'event: alert\ndata: {"id":"a"}\n\n'
    """
    return b"event: %s\ndata: %s\n\n" % (event.encode(), orjson.dumps(content))
