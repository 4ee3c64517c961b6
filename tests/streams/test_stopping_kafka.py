"""SIGTERM to a worker whose broker is gone or frozen."""

import os
import signal
from pathlib import Path

import pytest

from infra.kafka.embedded import EmbeddedKafka
from tests.streams.conditions import articles, run, settings, worker

pytestmark = pytest.mark.kafka
LIMIT_SECONDS = 5.0
LINE = "worker stops without Kafka"


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("fault", ["gone", "frozen"])
def test_a_worker_stops_within_five_seconds_when_its_broker_is_away(
    jar_cache: Path, tmp_path: Path, fault: str, *, split: bool
) -> None:
    """A rolling restart during an outage would take 20 s a worker and end in tracebacks."""
    with EmbeddedKafka(jar_cache) as kafka:
        environment = settings(kafka.bootstrap, NEWSQUAKE_WORKER__SPLIT=str(split))
        run(environment, "topics", "create")
        with worker(environment, tmp_path / "log") as process:
            process.wait_for("stage started", times=3)
            run(environment, "publish", "-", "--format", "jsonl", text=articles(500))
            if fault == "gone":
                kafka.kill()
            else:
                os.kill(kafka.pids[0] or 0, signal.SIGSTOP)
            seconds = process.stop()
            assert seconds < LIMIT_SECONDS, process.text
            assert process.process.returncode == 0, process.text
            assert "Traceback" not in process.text
            lines = [line for line in process.events if LINE in line["event"]]
            assert len(lines) == (3 if split else 1), process.text
