"""The whole pipeline behind each login, with the documented rights and no others."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from agents.cluster_layout import ClusterLayout
from agents.event_message import event_message
from agents.pipeline import AGENTS
from infra.settings.model import load
from streams.security.token_login import log_in
from tests.agents.notifying.conftest import alert
from tests.streams.authority import token
from tests.streams.conditions import run, worker
from tests.streams.roles import NOW
from tests.streams.secure_site import REAUTH_MS, Site, prefix_of, running_site
from tests.streams.secured import PASSWORD

pytestmark = pytest.mark.kafka
CANARY = "canary-4711"
ARTICLE = {
    "id": "secured-1",
    "source": "wire",
    "headline": "Acme warns of losses",
    "published": "2026-01-02T03:04:05Z",
    "tickers": ["ACME"],
}


@pytest.fixture(scope="module")
def site(jar_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A broker with topics and rights for each login."""
    with running_site(jar_cache, tmp_path_factory.mktemp("site")) as site:
        yield site


@contextmanager
def desk() -> Iterator[tuple[str, list[bytes]]]:
    """Serve a webhook until the block ends; yield its address, and what it takes."""
    taken: list[bytes] = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = HTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", taken
    finally:
        server.shutdown()
        server.server_close()


async def send_alert(bootstrap: str, topic: str) -> None:
    """Write an alert as the detector does; three articles raise none."""
    message = event_message(topic, alert(), key="company:ACME", event_id="1", time=NOW)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        headers = list(message.headers)
        await producer.send_and_wait(topic, message.value, key=message.key, headers=headers)


@pytest.mark.parametrize("how", ["certificate", "scram-512", "token file"])
def test_the_whole_pipeline_runs_with_the_documented_rights(
    site: Site, how: str, tmp_path: Path
) -> None:
    """Agents log in by other ways than commands do, and would be left outside."""
    prefix = prefix_of(how)
    with desk() as (url, taken):
        route = {"desk": {"to": "webhook", "url": url, "allow_private": True}}
        environment = site.login(how) | {
            "NEWSQUAKE_KAFKA__PREFIX": prefix,
            "NEWSQUAKE_LOG__LEVEL": "debug",
            "NEWSQUAKE_NOTIFY__ROUTES": json.dumps(route),
            "NEWSQUAKE_SERVE__TOKEN": CANARY,
        }
        asyncio.run(send_alert(site.administrator, f"{prefix}alerts"))
        text = run(environment, "publish", "-", text=json.dumps(ARTICLE) + "\n")
        with worker(environment, tmp_path / "log", "--agents", ",".join(AGENTS)) as process:
            process.wait_for("first records committed", times=len(AGENTS), seconds=120)
            read = run(environment, "watch", "scored", "--from-beginning", "--until-idle", "3")
            process.stop()
            log = process.text
    assert "Acme warns" in read, read
    assert any(b"Acme warns of losses" in told for told in taken), taken
    assert "Traceback" not in log
    assert "may be open" not in log, log
    assert CANARY not in log + text + read
    assert "eyJ" not in log + text + read, "a token"
    assert f'"{PASSWORD}"' not in log + text + read


def put_token(file: Path, seconds: float) -> None:
    """Write a token that is good for so long, whole, as a sidecar does."""
    part = file.with_name("token.part")
    part.write_text(token("robot", seconds))
    part.rename(file)


async def is_ended(cluster: ClusterLayout) -> bool:
    """Return whether the broker ends a connection whose time is over."""
    host, _, port = cluster.bootstrap.rpartition(":")
    connection = await log_in(cluster, host, int(port))
    await connection.send(MetadataRequest([]))
    await asyncio.sleep(REAUTH_MS / 1_000 + 0.5)
    try:
        await connection.send(MetadataRequest([]))
    except KafkaConnectionError:
        return True
    connection.close()
    return False


def test_a_worker_outlives_its_tokens_and_connections(site: Site, tmp_path: Path) -> None:
    """A worker would be locked out when its first token expires, minutes after its start."""
    file = tmp_path / "token"
    put_token(file, 30.0)
    environment = site.login("renewed") | {
        "NEWSQUAKE_KAFKA__PREFIX": prefix_of("renewed"),
        "NEWSQUAKE_KAFKA__TOKEN_FILE": str(file),
    }
    begin = time.monotonic()
    ours = {name: text for name, text in environment.items() if name.startswith("NEWSQUAKE_")}
    assert asyncio.run(is_ended(load(None, ours).kafka))
    with worker(environment, tmp_path / "log", "--agents", "ingest,score") as process:
        for number in range(4):  # the last of these with the second token
            news = json.dumps(ARTICLE | {"id": f"secured-{number}", "headline": f"Acme {number}"})
            run(environment, "publish", "-", text=news + "\n")
            if number == 2:
                put_token(file, 3_600.0)
                time.sleep(max(0.0, begin + 31.0 - time.monotonic()))
            time.sleep(REAUTH_MS / 1_000 + 1)
        read = run(environment, "watch", "scored", "--from-beginning", "--until-idle", "5")
        process.stop()
    assert [f"Acme {number}" in read for number in range(4)] == [True] * 4, process.text
    assert read.count("Acme ") == 4, read
    assert "Traceback" not in process.text


def test_a_worker_whose_token_is_refused_says_so(site: Site, tmp_path: Path) -> None:
    """A worker would look for a broker that is away, and its operator too."""
    file = tmp_path / "token"
    put_token(file, -60.0)
    environment = site.login("token file") | {
        "NEWSQUAKE_KAFKA__PREFIX": prefix_of("token file"),
        "NEWSQUAKE_KAFKA__TOKEN_FILE": str(file),
    }
    with worker(environment, tmp_path / "log", "--agents", "ingest") as process:
        deadline = time.monotonic() + 60
        while "refuses the token of" not in process.text and time.monotonic() < deadline:
            time.sleep(0.1)
        assert "invalid_token, it expired at 20" in process.text
        assert "eyJ" not in process.text, "a token"
