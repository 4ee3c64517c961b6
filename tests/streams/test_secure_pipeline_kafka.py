"""The whole pipeline behind each login, with the documented rights and no others."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from agents.event_message import event_message
from agents.pipeline import AGENTS
from tests.agents.notifying.conftest import alert
from tests.streams.conditions import run, worker
from tests.streams.roles import NOW
from tests.streams.secure_site import Site, prefix_of, running_site
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
