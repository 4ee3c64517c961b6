"""The connections of a client of aiokafka, guarded against two waits without a word.

A connection can be silent from its first byte on. A broker that is starting queues only so many
connections that it has not accepted (``socket.listen.backlog.size``, 50 by default, KIP-764); when
more clients come back at once, the kernel drops some that their clients count as made, and needs
a minute to tell. aiokafka 0.14.0 waits for the first answer as long as for any other, 40 to 90
seconds, and connects to one broker at a time: the healthy ones wait too. The Java client gives up
after ten seconds (``socket.connection.setup.timeout.ms``, KIP-601), and so do we.

A connection that has just broken takes no more requests. asyncio drops them, and uvloop 0.23.0
raises a `RuntimeError`, which aiokafka does not expect: it ends the task that refreshes metadata,
and whoever waits for metadata waits for ever. So a request is never sent over such a connection.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_LIMIT_SECONDS: Final = 10.0
_BETWEEN_SECONDS: Final = 2.0
"""The next attempt begins within this time; without one, nobody wants the connection any more."""


class _Attempts(NamedTuple):
    """Attempts to connect to one broker, one after the other: when they began, and ended."""

    began: float
    ended: float | None = None

    def go_on(self, now: float) -> bool:
        """Return whether one is under way, or another is about to follow."""
        return self.ended is None or now - self.ended < _BETWEEN_SECONDS


class Unanswered(NamedTuple):
    """A connection whose broker owes an answer.

    Attributes:
        since: The time since which it has been silent, by the monotonic clock.
        node: The number of the broker.
        connection: The connection.
        request: The request whose answer comes next.
    """

    since: float
    node: Any
    connection: AIOKafkaConnection
    request: Any


class GuardedConnections:
    """Guards the connections of ``client``, and tells which broker stays silent.

    It takes the place of two of the client's methods. ``limit_seconds`` is the time in which a
    broker has to answer for the first time.
    """

    def __init__(self, client: AIOKafkaClient, limit_seconds: float = _LIMIT_SECONDS) -> None:
        self._client = client
        self._limit_seconds = limit_seconds
        self._attempts: dict[Any, _Attempts] = {}
        self._used: dict[tuple[Any, Any], float] = {}
        """The time at which each connection was last used while no answer was owed."""
        self._connect, client._get_conn = client._get_conn, self._connection  # noqa: SLF001 - there is no public way
        self._bootstrap, client.bootstrap = client.bootstrap, self._bootstrap_in_time

    def unanswered(self) -> Iterator[Unanswered]:
        """Yield the connections over which an answer is owed. Any thread may ask."""
        for key, connection in list(self._client._conns.items()):  # noqa: SLF001 - as above
            for _, request, _ in list(connection._requests)[:1]:  # noqa: SLF001 - as above
                since = max(connection._last_action, self._used.get(key, 0.0))  # noqa: SLF001 - as above
                yield Unanswered(since, key[0], connection, request)

    def silent(self) -> tuple[float, str] | None:
        """Return since when the longest of the attempts to connect lasts, and its ``host:port``.

        Any thread may ask. None if nothing is being connected.
        """
        now, attempts = time.monotonic(), self._attempts.copy().items()
        waits = [(those.began, node) for node, those in attempts if those.go_on(now)]
        if not waits:
            return None
        began, node = min(waits)
        broker = self._client.cluster.broker_metadata(node)
        return began, f"{broker.host}:{broker.port}" if broker else f"broker {node}"

    async def _connection(self, node: Any, **options: Any) -> AIOKafkaConnection | None:
        """Return a connection to a broker; None if it can't be had in time, as the client does."""
        key = (node, options.get("group", ConnectionGroup.DEFAULT))
        if present := self._client._conns.get(key):  # noqa: SLF001 - as above
            if present.connected() and not present._writer.transport.is_closing():  # noqa: SLF001 - as above
                if not present._requests:  # noqa: SLF001 - as above
                    self._used[key] = time.monotonic()
                return present
            present.close(reason=CloseReason.CONNECTION_BROKEN)  # tells who waits for answers
        now, last = time.monotonic(), self._attempts.get(node)
        began = last.began if last and last.go_on(now) else now
        self._attempts[node] = _Attempts(began)
        try:
            async with asyncio.timeout(self._limit_seconds):
                connection = await self._connect(node, **options)
        except (TimeoutError, RuntimeError):  # the second is uvloop's
            self._attempts[node] = _Attempts(began, time.monotonic())
            self._client.force_metadata_update()
            return None
        except BaseException:
            self._attempts.pop(node, None)
            raise
        self._attempts.pop(node, None)
        return connection

    async def _bootstrap_in_time(self) -> None:
        """Ask one broker after the other for the cluster, and wait for each of them only so long.

        Raises:
            KafkaConnectionError: None of them answers.
        """
        usual_ms = self._client._request_timeout_ms  # noqa: SLF001 - as above
        self._client._request_timeout_ms = min(usual_ms, int(self._limit_seconds * 1_000))  # noqa: SLF001 - as above
        try:
            await self._bootstrap()
        except RuntimeError as error:
            raise KafkaConnectionError(f"a connection broke at once: {error}") from error
        finally:
            self._client._request_timeout_ms = usual_ms  # noqa: SLF001 - as above
