"""The doctor on brokers that are away, frozen, no Kafka at all, or have Kafka's defaults."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.port import free_ports
from tests.infra.doctor.conditions import doctor
from tests.streams.conditions import run, settings

pytestmark = pytest.mark.kafka


def test_nobody_at_the_address_is_named_and_nothing_else_is_checked(prefix: str) -> None:
    """A misspelt port would be a page of lines, or a command that hangs."""
    (port,) = free_ports(1)
    report = doctor(settings(f"127.0.0.1:{port}", NEWSQUAKE_KAFKA__PREFIX=prefix))
    line = report.of("connection")
    assert (report.code, line["status"]) == (1, "fault")
    assert f"no Kafka at 127.0.0.1:{port}" in line["detail"]
    asked = [line for line in report.lines[2:] if line["check"] != "silences"]  # of the settings
    assert {line["status"] for line in asked} == {"not checked"}


@pytest.fixture(params=[b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b""])
def no_kafka(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of another server; one that answers nothing keeps the connection open."""
    greeting: bytes = request.param
    server = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connections.append(connection)
            if greeting:
                connection.recv(64)
                connection.sendall(greeting)
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()
    for connection in connections:
        connection.close()


def test_a_port_of_another_server_is_named(no_kafka: int) -> None:
    """A balancer's page or a shell's greeting would look like a Kafka that hangs."""
    began = time.monotonic()
    report = doctor(settings(f"127.0.0.1:{no_kafka}"))
    line = report.of("connection")
    assert (report.code, line["status"]) == (1, "fault")
    assert f"127.0.0.1:{no_kafka} is no Kafka: it answers" in line["detail"] or (
        f"127.0.0.1:{no_kafka} does not answer" in line["detail"]
    )
    assert time.monotonic() - began < 15


def test_an_internal_topic_that_wants_three_copies_is_named(jar_cache: Path) -> None:
    """One's own first broker has Kafka's defaults: every worker would wait for ever."""
    defaults = {
        "transaction.state.log.replication.factor": "3",
        "transaction.state.log.min.isr": "2",
    }
    with EmbeddedKafka(jar_cache, properties=defaults) as broker:
        environment = settings(broker.bootstrap)
        run(environment, "topics", "create")
        report = doctor(environment)
    bad = [line for line in report.lines if line["status"] == "fault"]
    assert [line["check"] for line in bad] == ["internal-topics"]
    assert bad[0]["detail"].startswith("transactions are not available")
    assert "transaction.state.log.replication.factor=1" in bad[0]["remedy"]
    assert report.of("transactions")["status"] == "not checked"
    assert report.code == 1


def test_a_frozen_broker_ends_the_command_in_time(jar_cache: Path) -> None:
    """The command that is to say why all hangs would hang itself."""
    with EmbeddedKafka(jar_cache) as broker:
        (pid,) = broker.pids
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        report = doctor(settings(broker.bootstrap))
        seconds = time.monotonic() - began
        os.kill(pid, signal.SIGCONT)
    assert "does not answer" in report.of("connection")["detail"]
    assert report.code == 1
    assert seconds < 20
