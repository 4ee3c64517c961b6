"""A worker says what it does and whether it lives: log lines, /live, /ready, `newsquake health`."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.cli.test_metrics_kafka import BAD, COPIES, NEWS, articles, free_ports

pytestmark = pytest.mark.kafka
Run = Callable[..., subprocess.CompletedProcess[str]]
SCRIPT = Path(sys.executable).with_name("newsquake")
SECONDS = 45
READY = ("health", "--ready")


class Worker(NamedTuple):
    """A running worker: the process, its log and its first port."""

    process: "subprocess.Popen[bytes]"
    log: Path
    port: int

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return the log lines that begin with ``event``."""
        lines = [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]
        return [line for line in lines if line["event"].startswith(event)]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all processes of the worker."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
        for each in (*map(int, children), pid):
            os.kill(each, number)


Working = Callable[[], AbstractContextManager[Worker]]


@pytest.fixture
def working(environment: dict[str, str], tmp_path: Path) -> Working:
    """Return a context manager that runs a worker with a port."""
    port = free_ports()
    environment |= {
        "NEWSQUAKE_METRICS__PORT": str(port),
        "NEWSQUAKE_LOG__SUMMARY_INTERVAL": "1",
        "NEWSQUAKE_LOG__FORMAT": "json",
    }

    @contextmanager
    def run() -> Iterator[Worker]:
        log = tmp_path / "worker.log"
        with log.open("wb") as file:
            process = subprocess.Popen([SCRIPT, "worker"], env=environment, stderr=file)
        try:
            yield Worker(process, log, port)
        finally:
            process.terminate()
            try:
                process.wait(30)
            finally:
                process.kill()

    return run


def until(condition: Callable[[], Any]) -> Any:
    """Wait until ``condition`` is true, and return its value."""
    deadline = time.monotonic() + SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return value


def status(port: int, path: str) -> int:
    """Return the status of an HTTP answer, 0 if nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_a_frozen_worker_is_unhealthy(newsquake: Run, working: Working) -> None:
    """Containers would stay green while all their processes stand still."""
    assert newsquake("topics", "create").returncode == 0
    absent = newsquake("health")
    assert absent.returncode == 1
    assert "ingest can't be reached" in absent.stdout
    with working() as worker:
        until(lambda: newsquake(*READY).returncode == 0)
        paths = ("/live", "/ready", "/metrics", "/", "/livez")
        assert [status(worker.port + 1, path) for path in paths] == [200, 200, 200, 404, 404]
        answer = newsquake("health", "--json")
        assert json.loads(answer.stdout)["healthy"]
        worker.send(signal.SIGSTOP)
        begin = time.monotonic()
        frozen = newsquake("health")
        assert time.monotonic() - begin < 15
        worker.send(signal.SIGCONT)
        assert frozen.returncode == 1
        assert "does not answer" in frozen.stdout
        assert len(frozen.stdout.splitlines()) == 1
        until(lambda: newsquake(*READY).returncode == 0)


def test_a_worker_that_waits_says_so_when_it_is_asked(
    environment: dict[str, str], newsquake: Run, working: Working, kafka: str, tmp_path: Path
) -> None:
    """A worker that makes no progress would look ready to whoever asks it, and not to its log."""
    environment |= {"NEWSQUAKE_WORKER__PATIENCE": "2", "NEWSQUAKE_WORKER__AGENTS": "ingest"}
    topic = f"{environment['NEWSQUAKE_KAFKA__PREFIX']}news.accepted"

    async def delete() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.delete_topics([topic])
        await admin.close()

    assert newsquake("topics", "create").returncode == 0
    with working() as worker:
        until(lambda: newsquake(*READY).returncode == 0)
        asyncio.run(delete())
        assert newsquake("publish", str(articles(tmp_path / "news.jsonl"))).returncode == 0
        line = until(lambda: worker.lines("no progress"))[0]
        ready, live = newsquake(*READY), newsquake("health")
        assert status(worker.port, "/ready") == 503
    assert topic in line["problem"]
    assert ready.returncode == 1
    assert f"waits for {line['waits_for']}, for" in ready.stdout
    assert live.returncode == 0, live.stdout


def test_a_worker_says_what_it_does(newsquake: Run, working: Working, tmp_path: Path) -> None:
    """Thousands of articles would be scored, or set aside, and nobody would see anything."""
    assert newsquake("topics", "create").returncode == 0
    sent = newsquake("publish", "--send-refused", str(articles(tmp_path / "news.jsonl")))
    assert sent.returncode == 0, sent.stderr
    with working() as worker:

        def total(agent: str, field: str) -> int:
            lines = worker.lines("records processed")
            return sum(line[field] for line in lines if line["agent"] == agent)

        until(lambda: total("detect", "records_in") > 0)
        until(lambda: total("score", "records_in") == NEWS + COPIES)
        quiet = len(until(lambda: worker.lines("records processed")))
        time.sleep(3)
    assert len(worker.lines("records processed")) <= quiet + 3
    assert total("ingest", "records_in") == NEWS + COPIES + BAD
    lines = worker.lines("records processed")
    assert all(line["behind"] >= 0 for line in lines)
    assert {line["agent"] for line in lines if "model_seconds" in line} == {"score"}
    assert total("ingest", "records_out") == NEWS + COPIES
    dead = [line["dead"] for line in worker.lines("records processed") if line["dead"]]
    assert sum(counts["invalid"] for counts in dead) == BAD
    (first,) = worker.lines("first dead letter")
    assert first["topic"].endswith("news.raw")
    assert isinstance(first["partition"], int)
    assert isinstance(first["offset"], int)
    assert (first["agent"], first["level"], first["reason"]) == ("ingest", "warning", "invalid")
    firsts = [line["agent"] for line in worker.lines("first records committed")]
    assert sorted(firsts) == ["detect", "ingest", "score"]
    listed = newsquake("topics", "list").stdout
    assert "offsets" in listed
    assert "records" not in listed
