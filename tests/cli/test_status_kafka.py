"""``newsquake status`` beside a worker, and without one."""

import json
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.kafka

Run = Callable[..., CompletedProcess[str]]
Working = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Return a file with ten articles and a row that will be set aside."""
    file = tmp_path / "rows.jsonl"
    articles = [
        {"headline": f"Acme opens office {day}", "published": f"2026-03-{day:02}", "tickers": ["A"]}
        for day in range(1, 11)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in [*articles, {"headline": "no date"}]))
    return file


def test_status_says_what_is_behind_and_when_nothing_is(
    newsquake: Run, working: Working, rows: Path
) -> None:
    """An operator would look for work that is done: markers of transactions are no records."""
    assert newsquake("topics", "create").returncode == 0
    assert newsquake("publish", str(rows), "--send-refused").returncode == 0
    before = newsquake("status")
    assert before.returncode == 0, before.stderr
    assert re.search(r"^ingest +not running +0 +0/2 +11$", before.stdout, re.MULTILINE)
    assert "start them with `newsquake worker`" in before.stdout
    assert "open alerts: none" in before.stdout
    with working():
        end = time.monotonic() + 60
        while True:
            status = json.loads(newsquake("status", "--json").stdout)
            states = [(agent["state"], agent["lag"]) for agent in status["agents"]]
            if states == [("Stable", 0)] * 3 and status["dead_letters"]["number"]:
                break
            assert time.monotonic() < end, status
        text = newsquake("status").stdout
    for agent, partitions in (("ingest", 2), ("score", 2), ("detect", 1)):
        line = rf"^{agent} +running +1 +{partitions}/{partitions} +0$"
        assert re.search(line, text, re.MULTILINE), text
    assert "dead letters of the last day: 1" in text
    assert "newsquake dlq list" in text
    assert len(text.splitlines()) <= 24


def test_without_topics_the_next_step_is_in_one_line(newsquake: Run) -> None:
    """Whoever asks too early would get a traceback, or an empty screen."""
    done = newsquake("status")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("newsquake: ")
    assert "newsquake topics create" in line
