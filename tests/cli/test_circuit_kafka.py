"""Workers whose plug-in fails on demand: kill -9, SIGTERM, readiness, metrics, a fallback."""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from agents.cluster_layout import ClusterLayout
from schemas.scored import ScoredArticle
from streams.core.record import TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from tests.agents.test_slow_model_kafka import publish as publish_accepted
from tests.cli.test_metrics_kafka import free_ports, scraped, value

pytestmark = pytest.mark.kafka
Run = Callable[..., subprocess.CompletedProcess[str]]
SCRIPT: Final = Path(sys.executable).with_name("newsquake")
PARTITIONS: Final = 2
SECONDS: Final = 120
PLUGIN: Final = """
import os, pathlib, time
from nlp.classifier import ModelBusy
from nlp.null import NEUTRAL

class Acme:
    model_id = "acme-1"

    def __init__(self, settings):
        self.file = pathlib.Path(os.environ["ACME_STATE"])

    def classify(self, texts):
        while (state := self.file.read_text()) == "hangs":
            time.sleep(0.1)
        if state != "up":
            raise ModelBusy(state)
        return [NEUTRAL] * len(texts)
"""


@pytest.fixture
def state(environment: dict[str, str], tmp_path: Path) -> Path:
    """Install a plug-in; return the file that says what it does."""
    package = tmp_path / "site"
    info = package / "acme_news-1.0.dist-info"
    info.mkdir(parents=True)
    (package / "acme_news.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme_news\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[newsquake.classifiers]\nacme = acme_news:Acme\n")
    file = tmp_path / "state"
    file.write_text("no server at 10.0.0.7")
    environment |= {
        "PYTHONPATH": os.pathsep.join([str(package), environment.get("PYTHONPATH", "")]),
        "ACME_STATE": str(file),
        "NEWSQUAKE_NLP__MODEL": "acme",
        "NEWSQUAKE_KAFKA__PARTITIONS": str(PARTITIONS),
        "NEWSQUAKE_WORKER__AGENTS": "score",
        "NEWSQUAKE_WORKER__SESSION_TIMEOUT": "6",
        "NEWSQUAKE_CIRCUIT__FAILURES": "2",
        "NEWSQUAKE_CIRCUIT__FIRST_PAUSE": "0.2",
        "NEWSQUAKE_CIRCUIT__MAX_PAUSE": "0.5",
        "NEWSQUAKE_LOG__FORMAT": "json",
    }
    return file


class Worker:
    """A worker process with a port of its own."""

    def __init__(self, environment: dict[str, str], log: Path, port: int) -> None:
        self.environment = environment | {"NEWSQUAKE_METRICS__PORT": str(port)}
        self.log, self.port = log, port
        with log.open("ab") as file:
            self.process = subprocess.Popen([SCRIPT, "worker"], env=self.environment, stderr=file)

    def health(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Ask for the health of this worker."""
        command, env = [str(SCRIPT), "health", *options], self.environment
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    def ready(self) -> str:
        """Return why it is not ready; empty if it is."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=20).close()
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except OSError:
            return "nobody answers"
        return ""

    def why_paused(self) -> str:
        """Return why it is not ready, if it has paused."""
        says = self.ready()
        return says if "has paused" in says else ""

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of its log with an event that contains ``event``."""
        lines = [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]
        return [line for line in lines if event in line["event"]]

    def end(self) -> float:
        """Send SIGTERM, and return the seconds until it has ended with code 0."""
        begin = time.monotonic()
        self.process.terminate()
        assert self.process.wait(60) == 0, self.log.read_text("utf-8")
        return time.monotonic() - begin


@contextmanager
def started(environment: dict[str, str], tmp_path: Path, count: int) -> Iterator[list[Worker]]:
    """Start workers; those that the test leaves running are killed."""
    port = free_ports()
    workers = [
        Worker(environment, tmp_path / f"worker-{number}.log", port + number)
        for number in range(count)
    ]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.wait()


def until(condition: Callable[[], Any]) -> Any:
    """Wait until ``condition`` is true, and return its value."""
    deadline = time.monotonic() + SECONDS
    while not (result := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    return result


def publish(environment: dict[str, str], numbers: Sequence[int]) -> None:
    """Write accepted articles of these numbers."""
    servers, prefix = (environment[f"NEWSQUAKE_KAFKA__{name}"] for name in ("BOOTSTRAP", "PREFIX"))
    asyncio.run(publish_accepted(ClusterLayout(bootstrap=servers, prefix=prefix), numbers))


def written(environment: dict[str, str], topic: str) -> list[bytes]:
    """Return the values of all committed records of a topic."""
    prefix = environment["NEWSQUAKE_KAFKA__PREFIX"]
    log = KafkaLog(Cluster(bootstrap=environment["NEWSQUAKE_KAFKA__BOOTSTRAP"], prefix=prefix))

    async def read() -> list[bytes]:
        return [
            record.value or b""
            for partition in range(PARTITIONS)
            async for records in log.scan(TopicPartition(f"{prefix}{topic}", partition))
            for record in records
        ]

    return asyncio.run(read())


def scored(environment: dict[str, str], count: int) -> list[ScoredArticle]:
    """Return the scored articles, by key, once there are at least ``count``."""
    values = until(lambda: len(read := written(environment, "news.scored")) >= count and read)
    articles = [ScoredArticle.from_bytes(each) for each in values]
    return sorted(articles, key=lambda each: int(each.article.key.removeprefix("n")))


def test_an_open_circuit_survives_kills_and_stops_and_loses_nothing(
    environment: dict[str, str], newsquake: Run, state: Path, tmp_path: Path
) -> None:
    """An outage of a model server would cost articles, or a worker that no signal ends."""
    assert newsquake("topics", "create").returncode == 0
    publish(environment, range(40))
    with started(environment, tmp_path, 2) as workers:
        first, second = workers
        for worker in workers:
            says = until(worker.why_paused)
            assert "acme-1" in says
            assert "no server at 10.0.0.7" in says
        assert "has paused" in first.health("--ready").stdout
        assert first.health().returncode == 0
        samples = scraped(second.port)
        assert value(samples, "circuit_state", agent="score") in {1.0, 2.0}
        assert value(samples, "circuit_opened_total", agent="score") >= 1
        first.process.kill()
        first.process.wait()
        workers[0] = first = Worker(environment, tmp_path / "worker-2.log", first.port)
        until(first.why_paused)
        state.write_text("hangs")
        time.sleep(2)
        assert second.end() < 5
        state.write_text("no server at 10.0.0.8")
        until(lambda: "10.0.0.8" in first.ready())
        publish(environment, range(40, 50))
        state.write_text("up")
        articles = scored(environment, 50)
        until(lambda: not first.ready())
        assert first.end() < 5
    assert [each.article.key for each in articles] == [f"n{number}" for number in range(50)]
    assert not any(each.degraded for each in articles)
    assert written(environment, "news.dead") == []
    (opened,) = first.lines("circuit of the model is open")
    assert (opened["level"], opened["problem"]) == ("error", "ModelBusy: no server at 10.0.0.7")
    assert first.lines("probed and still fails")
    assert len(first.lines("circuit of the model is closed")) == 1


def test_a_fallback_scores_meanwhile_and_says_so(
    environment: dict[str, str], newsquake: Run, state: Path, tmp_path: Path
) -> None:
    """Readers could not tell the word lists' scores from those of the model that they trust."""
    environment["NEWSQUAKE_CIRCUIT__FALLBACK"] = "lexicon"
    assert newsquake("topics", "create").returncode == 0
    publish(environment, range(20))
    with started(environment, tmp_path, 1) as (worker,):
        scored(environment, 20)
        until(lambda: not worker.ready())
        assert value(scraped(worker.port), "degraded_total", agent="score") == 20
        state.write_text("up")
        until(lambda: worker.lines("circuit of the model is closed"))
        publish(environment, range(20, 30))
        articles = scored(environment, 30)
        assert worker.end() < 5
    assert [each.article.key for each in articles] == [f"n{number}" for number in range(30)]
    assert [each.degraded for each in articles] == [True] * 20 + [False] * 10
    assert {each.model for each in articles[:20]} == {"lexicon-2"}
    assert {each.model for each in articles[20:]} == {"acme-1"}
    (opened,) = worker.lines("circuit of the model is open")
    assert "lexicon scores meanwhile" in opened["outcome"]


def test_the_limit_ends_a_worker_if_it_is_set(
    environment: dict[str, str], newsquake: Run, state: Path, tmp_path: Path
) -> None:
    """A plug-in that only a restart cures would stay down until a person looks."""
    assert state.exists()
    environment["NEWSQUAKE_CIRCUIT__LIMIT"] = "2"
    assert newsquake("topics", "create").returncode == 0
    publish(environment, range(3))
    with started(environment, tmp_path, 1) as (worker,):
        assert worker.process.wait(SECONDS) == 1
    (line,) = worker.lines("worker failed")
    assert "NEWSQUAKE_CIRCUIT__LIMIT" in line["problem"]
    assert written(environment, "news.scored") + written(environment, "news.dead") == []
