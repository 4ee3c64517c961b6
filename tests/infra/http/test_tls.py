"""Our own HTTP ports over TLS, and who shows a certificate instead of a token."""

import http.client
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter
from pydantic import SecretStr, ValidationError
from typer.testing import CliRunner

from agents.sending.producer import Producer
from agents.sending.raw_record import Sender
from cli.main import app
from cli.sources.serving import check_address
from dashboard.api.security import Guard
from dashboard.api.server import Server
from infra.http.listening import listen
from infra.http.tls import server_context
from infra.intake.server import Intake
from infra.kafka.port import free_ports
from infra.settings.dashboard import Dashboard
from infra.settings.http_port import HttpPort
from infra.settings.metrics import Metrics
from infra.settings.model import Settings
from infra.settings.serve import Serve
from infra.worker_port import serve
from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster
from tests.dashboard.serving import fold, sources_of
from tests.infra.http.test_worker_port import Busy
from tests.streams.authority import Authority

TOKEN = "s3cret"  # noqa: S105 - of a port that lives for a moment
Certificate = tuple[Path, Path]


class Certificates(NamedTuple):
    """The files of a port and of its peers.

    Attributes:
        settings: Those of a port that wants certificates.
        trusted: Who signed the port's.
        known: A certificate that it lets in, and its key.
        stranger: One that it does not.
    """

    settings: dict[str, str]
    trusted: Path
    known: Certificate
    stranger: Certificate

    def context(self, shown: Certificate | None) -> ssl.SSLContext:
        """Return the context of a peer that shows a certificate, or none."""
        context = ssl.create_default_context(cafile=self.trusted)
        if shown:
            context.load_cert_chain(*shown)
        return context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The authority of the port, that of its peers, and a stranger's."""
    folder = tmp_path_factory.mktemp("certificates")
    servers, peers, others = (Authority(folder / name, name) for name in ("own", "peers", "others"))
    cert, key = servers.sign("port")
    settings = {
        "cert_file": str(cert),
        "key_file": str(key),
        "client_ca_file": str(peers.trusted),
    }
    return Certificates(
        settings, servers.trusted, peers.sign("prometheus"), others.sign("prometheus")
    )


def ask(
    port: int, path: str, context: ssl.SSLContext | None, authorization: str = ""
) -> tuple[int, bytes]:
    """Return status and body of an answer of a worker's port."""
    connection = (
        http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
        if context
        else http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    )
    try:
        headers = {"Authorization": authorization} if authorization else {}
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.fixture
def worker(certificates: Certificates) -> Callable[..., int]:
    """Return a function that serves the port of a worker, and returns its number."""

    def served(token: str = "") -> int:
        (port,) = free_ports(1)
        registry = CollectorRegistry()
        Counter("articles", "Articles", registry=registry)
        settings = Metrics(port=port, token=SecretStr(token), **certificates.settings)
        serve(settings, registry, Busy())
        return port

    return served


def test_metrics_want_a_certificate(worker: Callable[..., int], certificates: Certificates) -> None:
    """Anybody who reaches the port could read the metrics, or what Prometheus is told."""
    port = worker()
    known, nobody = certificates.context(certificates.known), certificates.context(None)
    status, body = ask(port, "/metrics", known)
    assert (status, b"articles_total" in body) == (200, True)
    for authorization in ("", "Bearer ", "Bearer"):
        status, body = ask(port, "/metrics", nobody, authorization)
        assert (status, b"articles" in body) == (401, False)
    assert b"metrics.client_ca_file" in ask(port, "/metrics", nobody)[1]
    with pytest.raises(OSError, match=r"alert|reset|EOF|closed"):
        ask(port, "/metrics", certificates.context(certificates.stranger))
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(port, "/metrics", None)


def test_probes_show_no_certificate_and_learn_no_names(
    worker: Callable[..., int], certificates: Certificates
) -> None:
    """A probe of Kubernetes, which has none, would start a worker again and again."""
    port = worker()
    assert ask(port, "/ready", certificates.context(None)) == (503, b"{}\n")
    known = certificates.context(certificates.known)
    assert b"kafka-7.internal.example" in ask(port, "/ready", known)[1]


def test_a_token_is_as_good_as_a_certificate(
    worker: Callable[..., int], certificates: Certificates
) -> None:
    """Who has one of the two would be refused for want of the other."""
    port = worker(TOKEN)
    nobody = certificates.context(None)
    assert ask(port, "/metrics", nobody, f"Bearer {TOKEN}")[0] == 200
    assert ask(port, "/metrics", nobody, "Bearer wrong")[0] == 401
    assert ask(port, "/metrics", certificates.context(certificates.known))[0] == 200


def test_health_asks_over_tls(worker: Callable[..., int], certificates: Certificates) -> None:
    """A container with certificates would never be healthy."""
    environ = {
        f"NEWSQUAKE_METRICS__{name.upper()}": text for name, text in certificates.settings.items()
    } | {"NEWSQUAKE_WORKER__AGENTS": "ingest"}
    for token, ready in (("", "answers with status 503"), (TOKEN, "kafka-7.internal.example")):
        own = {"NEWSQUAKE_METRICS__PORT": str(worker(token)), "NEWSQUAKE_METRICS__TOKEN": token}
        live = CliRunner().invoke(app, ["health"], env=environ | own)
        assert (live.exit_code, live.stdout) == (0, "healthy: ingest\n")
        waits = CliRunner().invoke(app, ["health", "--ready"], env=environ | own)
        assert (waits.exit_code, ready in waits.stdout) == (1, True)


@asynccontextmanager
async def listening(application: web.Application, port: HttpPort) -> AsyncIterator[str]:
    """Serve an application of aiohttp for the block, and yield its address."""
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        yield await listen(runner, port, "serve")
    finally:
        await runner.cleanup()


async def statuses(address: str, path: str, certificates: Certificates, **send: Any) -> list[int]:
    """Return the answers to who shows a certificate, to who shows none, and to an empty token."""
    answers = []
    for shown, authorization in (
        (certificates.known, ""),
        (None, ""),
        (None, "Bearer"),
    ):
        context = certificates.context(shown)
        async with httpx.AsyncClient(base_url=address, verify=context, timeout=20) as client:
            headers = {"Authorization": authorization}
            answers.append((await client.request(url=path, headers=headers, **send)).status_code)
    context = certificates.context(certificates.stranger)
    async with httpx.AsyncClient(base_url=address, verify=context, timeout=20) as client:
        with pytest.raises(httpx.TransportError):
            await client.request(url=path, **send)
    return answers


async def test_the_intake_wants_a_certificate(certificates: Certificates) -> None:
    """Anybody who reaches the port could plant news."""
    settings = Serve(port=0, **certificates.settings)
    intake = Intake(Producer(Cluster()), Sender(topic="news.raw"), settings)
    json = {"content": b"{", "method": "POST"}
    async with listening(intake.application(), settings) as address:
        assert address.startswith("https://")
        assert await statuses(address, "/articles", certificates, **json) == [415, 401, 401]


async def test_the_dashboard_wants_a_certificate(certificates: Certificates) -> None:
    """Anybody who reaches the port could read the news that a firm pays for."""
    settings = Dashboard(port=0, **certificates.settings)
    sources = sources_of(fold({}), Settings(dashboard=settings))
    async with listening(Server(sources, settings).application(), settings) as address:
        answers = await statuses(address, "/api/now", certificates, method="GET")
        assert answers == [200, 401, 401]
        context = certificates.context(None)
        async with httpx.AsyncClient(base_url=address, verify=context, timeout=20) as client:
            entry = await client.post("/api/session", json={"token": ""})
            assert entry.status_code == 401, "an empty token is none"
            forged = {"Cookie": f"newsquake={Guard(settings).session(time.time())}"}
            assert (await client.get("/api/now", headers=forged)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cert_file": "/no/such.pem"}, "/no/such.pem"),
        ({"key_file": "{stranger}"}, "the key that belongs to it"),
        ({"key_file": "{locked}"}, "must have no password"),
        ({"client_ca_file": "/no/ca.pem"}, "serve.client_ca_file: /no/ca.pem"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    certificates: Certificates, tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    """A port would not open, or ask for a password at a terminal that nobody sees."""
    locked = Authority(tmp_path / "locked").sign("port", "secret")[1]
    files = {"stranger": certificates.stranger[1], "locked": locked}
    changed = {name: text.format(**files) for name, text in changes.items()}
    with pytest.raises(Misconfigured, match=words):
        server_context(Serve(**(certificates.settings | changed)), "serve")


def test_certificates_of_peers_open_an_address_to_others(certificates: Certificates) -> None:
    """A port would be open to the network without a token, or closed with a certificate."""
    everywhere = {"host": "0.0.0.0", "port": 9200}  # noqa: S104 - nothing is served
    assert Metrics(**everywhere, **certificates.settings).port
    own_only = certificates.settings | {"client_ca_file": ""}
    with pytest.raises(ValidationError, match="NEWSQUAKE_METRICS__CLIENT_CA_FILE"):
        Metrics(**everywhere, **own_only)
    check_address(Serve(**everywhere, **certificates.settings))
    with pytest.raises(ValidationError, match="need cert_file"):
        Serve(client_ca_file=certificates.settings["client_ca_file"])
