"""A broker that goes away while a worker runs, and comes back."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka

pytestmark = pytest.mark.kafka

SCRIPT = Path(sys.executable).with_name("newsquake")
AWAY_SECONDS = 8.0
ARTICLES = 200


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[EmbeddedKafka]:
    """A broker of this test's own, since it is killed; its data outlives it."""
    with EmbeddedKafka(user_cache_dir(os.environ), data=tmp_path / "kafka") as kafka:
        yield kafka


def run(environment: dict[str, str], *arguments: str, text: str = "") -> str:
    """Run ``newsquake`` with ``arguments`` and return its output; it must succeed."""
    done = subprocess.run(
        [SCRIPT, *arguments],
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def articles(first: int) -> str:
    """Return JSON lines of `ARTICLES` different articles, numbered from ``first``."""
    return "".join(
        json.dumps(
            {
                "id": number,
                "source": "outage",
                "headline": f"Report {number} on shares",
                "published": "2026-01-02T03:04:05Z",
            }
        )
        + "\n"
        for number in range(first, first + ARTICLES)
    )


def wait_for_line(log: Path, words: str, times: int = 1) -> None:
    """Wait until ``words`` are logged so many times."""
    deadline = time.monotonic() + 60
    while log.read_text().count(words) < times:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def wait_for_headlines(environment: dict[str, str], count: int) -> list[str]:
    """Return the headlines of all scored articles, once there are ``count`` and no more come."""
    deadline = time.monotonic() + 150
    while True:
        lines = run(
            environment, "watch", "scored", "--json", "--from-beginning", "--until-idle", "8"
        ).splitlines()
        if len(lines) >= count or time.monotonic() > deadline:
            return sorted(json.loads(line)["article"]["headline"] for line in lines)


def test_a_broker_that_goes_away_and_comes_back_costs_nothing(
    own_kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    """Articles would be lost or scored twice, or the log would not say why nothing happened."""
    others = {
        name: value for name, value in os.environ.items() if not name.startswith("NEWSQUAKE_")
    }
    environment = {
        **others,
        "NEWSQUAKE_KAFKA__BOOTSTRAP": own_kafka.bootstrap,
        "NEWSQUAKE_KAFKA__PARTITIONS": "2",
        "NEWSQUAKE_NLP__MODEL": "lexicon",
    }
    run(environment, "topics", "create")
    log = tmp_path / "worker.log"
    with log.open("wb") as file:
        worker = subprocess.Popen([SCRIPT, "worker"], env=environment, stderr=file)
    try:
        wait_for_line(log, "stage started", times=3)
        run(environment, "publish", "-", "--format", "jsonl", text=articles(0))
        own_kafka.kill()
        wait_for_line(log, "kafka does not answer")
        time.sleep(AWAY_SECONDS)
        own_kafka.restart()
        wait_for_line(log, "kafka is back")
        run(environment, "publish", "-", "--format", "jsonl", text=articles(ARTICLES))
        headlines = wait_for_headlines(environment, 2 * ARTICLES)
        worker.terminate()
        code = worker.wait(40)
    finally:
        worker.kill()
    assert headlines == sorted(f"Report {number} on shares" for number in range(2 * ARTICLES)), (
        log.read_text()
    )
    assert code == 0, log.read_text()
    assert log.read_text().count("kafka does not answer") == 1
    assert log.read_text().count("kafka is back") == 1
