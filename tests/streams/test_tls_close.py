"""Connections over TLS are closed without waiting for a broker that does not answer."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvloop

from streams.kafka.cluster import Cluster
from streams.security.tls import tls_context
from tests.streams.authority import Authority

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


@pytest.fixture
def busy_broker(tmp_path: Path) -> Iterator[tuple[int, Authority]]:
    """A server that takes a connection and then does nothing, not even close it."""
    authority, ended = Authority(tmp_path / "authority"), threading.Event()
    cert, key = authority.sign("broker")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with context.wrap_socket(connection, server_side=True):
            ended.wait(60)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=[listening], daemon=True)
        thread.start()
        yield listening.getsockname()[1], authority
        ended.set()
        thread.join(10)


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])
def test_a_broker_that_does_not_say_goodbye_delays_nobody(
    busy_broker: tuple[int, Authority], loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """A worker behind TLS would stand still for 30 s after each of its readers was closed."""
    port, authority = busy_broker
    context = tls_context(Cluster(security="SSL", ca_file=str(authority.trusted)))

    async def close() -> float:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.write(b"a request")
        began = time.monotonic()
        writer.close()
        async with asyncio.timeout(40):
            await writer.wait_closed()
        return time.monotonic() - began

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert runner.run(close()) < 10
