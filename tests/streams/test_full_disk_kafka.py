"""A broker whose disk is full, as its processes see it: writes fail from some size on."""

import json
import re
import resource
import time
from pathlib import Path

import pytest

from infra.kafka.embedded import EmbeddedKafka
from tests.streams.conditions import command, run, settings, worker

pytestmark = pytest.mark.kafka
FULL_BYTES = 1 << 20
LINE_SECONDS = 45.0


def test_a_full_disk_is_named(jar_cache: Path, tmp_path: Path, prefix: str) -> None:
    """The commands would hang, or say that there is no Kafka, and nobody look at the disk."""
    rows = tmp_path / "rows.jsonl"
    row = {"source": "wire", "published": "2026-01-02T03:04:05Z", "body": "x" * 100_000}
    rows.write_text(
        "".join(json.dumps({**row, "headline": f"Report {n}"}) + "\n" for n in range(60))
    )
    with EmbeddedKafka(jar_cache) as kafka:
        environment = settings(kafka.bootstrap, NEWSQUAKE_KAFKA__PREFIX=prefix)
        run(environment, "topics", "create")
        with (
            worker(environment, tmp_path / "worker", "--agents", "ingest") as ingest,
            command(environment, tmp_path / "watch", "watch", "alerts") as watch,
        ):
            ingest.wait_for("stage started")
            (pid,) = kafka.pids
            assert pid
            limit = (FULL_BYTES, resource.RLIM_INFINITY)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)
            with command(environment, tmp_path / "publish", "publish", str(rows)) as publish:
                deadline = time.monotonic() + LINE_SECONDS
                for process in (ingest, watch, publish):
                    while not names_the_cause(process.text, kafka.bootstrap):
                        assert time.monotonic() < deadline, process.text
                        time.sleep(0.1)
                (event,) = {line["event"] for line in ingest.events if "full disk" in str(line)}
                assert event in {"no progress", "worker failed"}


def names_the_cause(text: str, address: str) -> bool:
    """Return whether one line has the broker, where to look, and what may be wrong there."""
    words = " ".join(text.split())  # commands for people break their lines
    sentence = r"(no Kafka at|the connection:|ended the connection)[^.]*"
    return bool(
        re.search(rf"{re.escape(address)}.{{0,200}}its log says why, a full disk", words)
        and re.search(sentence, words)
    )
