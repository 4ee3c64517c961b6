"""The fuse of a worker on a real broker: one bad feed, a supervisor's restarts, and the way out."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.kafka
Run = Callable[..., subprocess.CompletedProcess[str]]
SCRIPT = Path(sys.executable).with_name("newsquake")
WINDOW = 40
SECONDS = 30


@pytest.fixture(autouse=True)
def small_window(environment: dict[str, str], newsquake: Run) -> None:
    """Make a fuse that a test can blow, in a worker that only reads raw records."""
    environment |= {
        "NEWSQUAKE_WORKER__FUSE_WINDOW": str(WINDOW),
        "NEWSQUAKE_WORKER__AGENTS": "ingest",
        "NEWSQUAKE_LOG__FORMAT": "json",
        "NEWSQUAKE_LOG__SUMMARY_INTERVAL": "1",
    }
    assert newsquake("topics", "create").returncode == 0


def rows(source: str, begin: int, count: int, *, good: bool) -> list[dict[str, str]]:
    """Return articles of a source; bad ones lack their time."""
    return [
        {"source": source, "id": str(number), "headline": f"Acme falls {number}"}
        | ({"published": "2024-01-01T10:00:00Z"} if good else {})
        for number in range(begin, begin + count)
    ]


def publish(newsquake: Run, path: Path, sent: Sequence[dict[str, str]]) -> None:
    """Publish ``sent`` through the file ``path``."""
    path.write_text("".join(json.dumps(row) + "\n" for row in sent), "utf-8")
    done = newsquake("publish", str(path), "--send-refused")
    assert done.returncode == 0, done.stderr


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker until the block ends."""
    with log.open("wb") as file:
        process = subprocess.Popen([SCRIPT, "worker"], env=environment, stderr=file)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(SECONDS)


def count(log: Path, field: str) -> int:
    """Return the sum of a count over the lines of a worker."""
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    processed = [line for line in lines if line["event"] == "records processed"]
    if field == "dead":
        return sum(sum(line["dead"].values()) for line in processed)
    return sum(line[field] for line in processed)


def until(log: Path, field: str, total: int) -> None:
    """Wait until a worker has counted ``total``."""
    deadline = time.monotonic() + SECONDS
    while count(log, field) < total:
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.2)


def test_restarts_set_nothing_more_aside(
    environment: dict[str, str], newsquake: Run, tmp_path: Path
) -> None:
    """A supervisor would drain the topic into the dead letters, one window after the other."""
    file, log = tmp_path / "news.jsonl", tmp_path / "worker.log"
    with worker(environment, log) as process:
        publish(newsquake, file, rows("bad", 0, WINDOW - 5, good=False))
        until(log, "dead", WINDOW - 5)
        publish(newsquake, file, rows("bad", WINDOW, WINDOW - 5, good=False))
        assert process.wait(SECONDS) == 1
    aside = count(log, "dead")
    assert aside < WINDOW
    for number in range(2):
        log = tmp_path / f"restart-{number}.log"
        with worker(environment, log) as process:
            assert process.wait(SECONDS) == 1
        assert count(log, "dead") == 0
        (line,) = [line for line in log.read_text("utf-8").splitlines() if "failed" in line]
        assert all(word in line for word in ("bad: ", "FUSE_SHARE=1", "watch dead", "fuse_share"))
    environment["NEWSQUAKE_WORKER__FUSE_SHARE"] = "1"
    log = tmp_path / "past.log"
    with worker(environment, log):
        until(log, "dead", 2 * (WINDOW - 5) - aside)
    del environment["NEWSQUAKE_WORKER__FUSE_SHARE"]
    log = tmp_path / "mended.log"
    with worker(environment, log):
        publish(newsquake, file, rows("good", 0, 5, good=True) + rows("bad", 99, 1, good=False))
        until(log, "records_in", 6)
    assert count(log, "dead") == 1


def test_one_bad_feed_does_not_stop_the_others(
    environment: dict[str, str], newsquake: Run, tmp_path: Path
) -> None:
    """All news would stop because one feed changed its format."""
    log = tmp_path / "worker.log"
    mixed = [
        row
        for number in range(3 * WINDOW)
        for row in rows("bad" if number % 3 else "good", number, 1, good=not number % 3)
    ]
    with worker(environment, log) as process:
        publish(newsquake, tmp_path / "news.jsonl", mixed)
        until(log, "records_in", len(mixed))
        assert process.poll() is None
    assert (count(log, "records_out"), count(log, "dead")) == (WINDOW, 2 * WINDOW)
    assert '"source": "bad"' in log.read_text("utf-8")
