"""The port of a worker process, asked over real connections."""

import http.client
import socket
import time
from collections.abc import Callable, Sequence

import pytest
from prometheus_client import CollectorRegistry, Counter
from pydantic import SecretStr, ValidationError
from typer.testing import CliRunner

from cli.main import app
from infra.http.access import SECURITY_HEADERS
from infra.kafka.port import free_ports
from infra.settings.metrics import Metrics
from infra.worker_port import MAX_REQUESTS, serve

TOKEN = "s3cret-ümläut"  # noqa: S105 - of a port that lives for a moment
Answer = tuple[int, bytes, dict[str, str]]
Asking = Callable[..., Answer]


class Busy:
    """The health of a process that is alive and not ready."""

    agents: Sequence[str] = ("ingest",)

    def live(self) -> list[str]:
        return []

    def ready(self) -> list[str]:
        return ["waits for kafka-7.internal.example"]


def served(token: str = "") -> int:
    """Serve the port in this process, and return its number."""
    (port,) = free_ports(1)
    registry = CollectorRegistry()
    Counter("articles", "Articles", registry=registry)
    serve(Metrics(port=port, token=SecretStr(token)), registry, Busy())
    return port


def ask(port: int, path: str, **headers: str | bytes) -> Answer:
    """Return status, body and headers of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read(), dict(response.getheaders())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def closed() -> int:
    """A port with a token."""
    return served(TOKEN)


@pytest.fixture(scope="module")
def own() -> int:
    """A port without a token, for this machine alone."""
    return served()


def test_metrics_want_the_token(closed: int) -> None:
    """Anybody in the network could read which feeds a desk follows, and how much."""
    for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": b"Bearer \xff\xfe"}):
        status, body, headers = ask(closed, "/metrics", **wrong)
        assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
        assert b"articles" not in body
    right = ask(closed, "/metrics", Authorization=f"Bearer {TOKEN}".encode())
    assert right[0] == 200
    assert b"articles_total" in right[1]


def test_probes_need_no_token_and_learn_no_names(closed: int) -> None:
    """A probe of Kubernetes would need a secret, or tell strangers the names of brokers."""
    assert ask(closed, "/live")[:2] == (200, b"{}\n")
    assert ask(closed, "/ready", Host="10.1.2.3:9200")[:2] == (503, b"{}\n")
    _, body, _ = ask(closed, "/ready", Authorization=f"Bearer {TOKEN}".encode())
    assert b"kafka-7.internal.example" in body


def test_a_port_without_a_token_answers_only_to_this_machines_name(own: int) -> None:
    """A web page whose name leads to 127.0.0.1 could read the metrics by the user's browser."""
    for path in ("/metrics", "/live", "/ready"):
        assert ask(own, path, Host="rebound.example")[0] == 421
    assert ask(own, "/metrics")[0] == 200
    assert ask(own, "/live", Host="localhost")[0] == 200


@pytest.mark.parametrize("path", ["/metrics", "/live", "/ready", "/nowhere"])
def test_every_answer_has_the_security_headers(closed: int, own: int, path: str) -> None:
    """A browser would keep, frame or guess what it got, and a scanner learn versions."""
    for port in (closed, own):
        headers = ask(port, path)[2]
        assert SECURITY_HEADERS.items() <= headers.items()
        assert "Python" not in str(headers)


def test_an_address_that_others_reach_needs_a_token() -> None:
    """A worker would serve its metrics to the whole network, and nobody notice."""
    with pytest.raises(ValidationError, match="NEWSQUAKE_METRICS__TOKEN"):
        Metrics(host="0.0.0.0", port=9200)  # noqa: S104 - it is refused
    assert Metrics(host="0.0.0.0", port=9200, token=SecretStr(TOKEN)).port  # noqa: S104 - as above
    assert Metrics(host="0.0.0.0").port == 0  # noqa: S104 - nothing is served
    environ = {"NEWSQUAKE_METRICS__HOST": "0.0.0.0", "NEWSQUAKE_METRICS__PORT": "9200"}  # noqa: S104 - it is refused
    result = CliRunner().invoke(app, ["config", "show"], env=environ)
    assert result.exit_code == 2
    assert "set NEWSQUAKE_METRICS__TOKEN" in result.stderr


def test_connections_that_say_nothing_do_not_keep_others_out(own: int) -> None:
    """Whoever opens a few connections and waits would blind the monitoring of a worker."""
    silent = [socket.create_connection(("127.0.0.1", own)) for _ in range(MAX_REQUESTS + 4)]
    begin = time.monotonic()
    while True:
        try:
            status, _, _ = ask(own, "/live")
        except (ConnectionError, http.client.HTTPException):
            assert time.monotonic() - begin < 20, "no thread is left"
            time.sleep(0.5)
        else:
            break
    assert status == 200
    for connection in silent:
        connection.close()


def test_health_asks_with_the_token(closed: int) -> None:
    """The health check of a container with a token would always fail."""
    environ = {
        "NEWSQUAKE_METRICS__PORT": str(closed),
        "NEWSQUAKE_METRICS__TOKEN": TOKEN,
        "NEWSQUAKE_WORKER__AGENTS": "ingest",
    }
    right = CliRunner().invoke(app, ["health"], env=environ)
    assert (right.exit_code, right.stdout) == (0, "healthy: ingest\n")
    wrong = CliRunner().invoke(app, ["health"], env=environ | {"NEWSQUAKE_METRICS__TOKEN": "x"})
    assert wrong.exit_code == 1
    assert "wants another metrics.token" in wrong.stdout
