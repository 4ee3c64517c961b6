"""A pipeline as an operator runs it: agents, a feed, HTTP, a receiver, traces, Prometheus."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from infra.kafka.port import free_ports, is_free
from tests.observability import feed
from tests.observability.collector import Post, Span, listening, spans
from tests.observability.prometheus import Prometheus, running

SCRIPT = Path(sys.executable).with_name("newsquake")
AGENTS = ("ingest", "score", "detect", "notify")
TOKEN = "observed"  # noqa: S105 - a token of this test
SECONDS = 150.0


class Pipeline(NamedTuple):
    """What came of the feed.

    Attributes:
        prometheus: Scrapes the processes.
        delivered: What the receiver of alerts got.
        traces: What the collector got.
        log: Lines of the worker's log.
        ports: The ports of the worker's processes, in the order of its agents.
    """

    prometheus: Prometheus
    delivered: list[Post]
    traces: list[Post]
    log: Path
    ports: list[int]

    def spans(self) -> list[Span]:
        """Return all spans."""
        return spans(self.traces)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return the log's lines of an event."""
        lines = [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]
        return [line for line in lines if line["event"] == event]


def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait until ``condition`` is true, and return its value."""
    deadline = time.monotonic() + SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.2)
    return value


def adjacent_ports(count: int) -> list[int]:
    """Return free ports in a row."""
    while True:
        (first,) = free_ports(1)
        ports = list(range(first, first + count))
        if all(map(is_free, ports)):
            return ports


@contextmanager
def process(environment: Mapping[str, str], log: Path, *arguments: str) -> Iterator[None]:
    """Run a command of newsquake during the block; SIGTERM must end it."""
    with log.open("wb") as file:
        command = subprocess.Popen(
            [SCRIPT, *arguments], env=environment, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield
        assert command.poll() is None, log.read_text("utf-8")
    finally:
        command.terminate()
        try:
            command.wait(30)
        finally:
            command.kill()


def ready(port: int) -> bool:
    """Return whether a process says that it is ready."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=10).close()
    except OSError:
        return False
    return True


def post(url: str, article: Mapping[str, Any], trace: str) -> int:
    """Send an article over HTTP within a trace; return the status."""
    headers = {"content-type": "application/json", "traceparent": trace}
    body = json.dumps(article).encode()
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - a server of this test
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def settings(kafka: str, ports: list[int], receiver: str, collector: str) -> dict[str, str]:
    """Return the environment of all processes."""
    others = {
        name: value for name, value in os.environ.items() if not name.startswith("NEWSQUAKE_")
    }
    route = {"desk": {"to": "webhook", "url": receiver, "allow_private": True}}
    return {
        **others,
        "NEWSQUAKE_KAFKA__BOOTSTRAP": kafka,
        "NEWSQUAKE_KAFKA__PREFIX": f"test-{uuid.uuid4().hex[:12]}.",
        "NEWSQUAKE_KAFKA__PARTITIONS": "1",
        "NEWSQUAKE_NLP__MODEL": "lexicon",
        "NEWSQUAKE_NLP__SHADOW": "null",
        "NEWSQUAKE_WORKER__AGENTS": ",".join(AGENTS),
        "NEWSQUAKE_DETECT__IDLE_TIMEOUT": "1",
        "NEWSQUAKE_METRICS__PORT": str(ports[0]),
        "NEWSQUAKE_METRICS__TOKEN": TOKEN,
        "NEWSQUAKE_LOG__FORMAT": "json",
        "NEWSQUAKE_LOG__TRANSACTIONS": "true",
        "NEWSQUAKE_NOTIFY__ROUTES": json.dumps(route),
        "NEWSQUAKE_TELEMETRY__ENDPOINT": collector,
    }


HTTP_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
"""The trace of the article that comes over HTTP: the example of W3C Trace Context."""


@pytest.fixture(scope="session")
def pipeline(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """Publish the feed through a pipeline of real processes, and yield it while it runs."""
    folder = tmp_path_factory.mktemp("observed")
    ports, (source_port, intake_port, http_port) = adjacent_ports(len(AGENTS)), free_ports(3)
    inbox, log = folder / "inbox", folder / "worker.log"
    inbox.mkdir()
    with ExitStack() as stack:
        receiver, delivered = stack.enter_context(listening())
        collector, traces = stack.enter_context(listening())
        environment = settings(kafka, ports, receiver, collector)
        subprocess.run([SCRIPT, "topics", "create"], env=environment, check=True, timeout=90)
        scraped = [*ports, source_port, intake_port]
        server = stack.enter_context(running(folder, scraped, TOKEN))
        stack.enter_context(process(environment, log, "worker"))
        source = environment | {"NEWSQUAKE_METRICS__PORT": str(source_port)}
        arguments = ("source", "directory", str(inbox), "--interval", "0.5")
        stack.enter_context(process(source, folder / "source.log", *arguments))
        serve = environment | {
            "NEWSQUAKE_METRICS__PORT": str(intake_port),
            "NEWSQUAKE_SERVE__PORT": str(http_port),
        }
        stack.enter_context(process(serve, folder / "serve.log", "serve", "ingest"))
        until(lambda: all(map(ready, scraped)), "a process is not ready")
        until(lambda: len(server.query('up{job="newsquake"} == 1')) == len(scraped), "not scraped")
        publish = [str(SCRIPT), "publish", str(feed.write(folder / "feed.jsonl")), "--send-refused"]
        subprocess.run(publish, env=environment, check=True, timeout=90)
        (inbox / "more.jsonl").write_text(
            json.dumps(feed.news(feed.LATER, "EMCA", "EMCA hires")) + "\n"
        )
        address = f"http://127.0.0.1:{http_port}/articles"
        over_http = feed.news(feed.LATER, "LOREM", "LOREM opens a shop")
        assert post(address, over_http, f"00-{HTTP_TRACE}-00f067aa0ba902b7-01") == 202
        until(lambda: delivered, "no alert was delivered")
        until(lambda: server.query("newsquake_drift_psi"), "no drift")
        until(lambda: server.query("newsquake_source_items_total > 0"), "no item of a feed")
        time.sleep(3.0)  # two scrapes, and what is sent to the collector once a second
        yield Pipeline(server, delivered, traces, log, ports)
