"""Topics grow, and nothing that agents remember is left behind."""

import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.core.record import Record
from streams.kafka.partitioner import assign_partitions
from tests.growth.conftest import Environment, grow, ids
from tests.streams.conditions import SCRIPT, articles, run, worker

pytestmark = pytest.mark.kafka
Read = Callable[[str], list[Record]]
KILLS = random.Random(20_261_129)
"""The times of kills are the same in each run."""


def publish(environment: Environment, count: int, begin: int = 0) -> None:
    """Send articles."""
    run(environment, "publish", "-", "--format", "jsonl", text=articles(count, begin))


def process_all(environment: Environment, log: Path, read: Read, scored: int, *more: str) -> None:
    """Run a worker until so many articles are scored, and a moment longer."""
    with worker(environment, log, *more) as process:
        process.wait_for("stage started")
        deadline = time.monotonic() + 30
        while len(read("news.scored")) < scored:
            assert time.monotonic() < deadline, process.text
            time.sleep(0.2)
        time.sleep(1.5)
        process.stop()


def in_place(records: list[Record], count: int) -> bool:
    """Return whether the last value of each key lies in the key's partition."""
    last = {(record.key, record.partition): record for record in records}
    kept = [record for record in last.values() if record.value is not None]
    keys = [record.key for record in kept]
    return assign_partitions(keys, count, 0) == [record.partition for record in kept]


def test_nothing_is_changed_without_yes(environment: Environment) -> None:
    """A look at the plan would change a running pipeline."""
    done = grow(environment, 5)
    assert done.returncode == 0, done.stderr
    assert "partitions 2 -> 5" in done.stdout
    assert "`newsquake topics grow --partitions 5 --yes`" in done.stdout
    listed = run(environment, "topics", "list")
    assert "partitions 5" not in listed
    fewer = grow(environment, 1, "--yes")
    assert fewer.returncode == 1
    assert "--partitions must be at least 2" in fewer.stderr


def test_copies_are_recognised_after_a_growth_under_a_running_worker(
    environment: Environment, read: Read, tmp_path: Path
) -> None:
    """All articles of the last week would be scored again, and their news be counted twice."""
    with worker(environment, tmp_path / "log") as process:
        process.wait_for("stage started", times=3)
        publish(environment, 200)
        deadline = time.monotonic() + 30
        while len(read("news.scored")) < 200:
            assert time.monotonic() < deadline, process.text
        publish(environment, 100, begin=200)
        done = grow(environment, 5, "--yes")
        assert done.returncode == 0, done.stderr
        assert process.process.wait(15) == 1
        assert "being grown to 5 partitions" in process.wait_for("worker failed")["problem"]
    publish(environment, 350)
    process_all(environment, tmp_path / "again", read, 350)
    assert ids(read("news.scored")) == dict.fromkeys(range(350), 1)
    assert {record.partition for record in read("news.scored")} == set(range(5))
    assert in_place(read("state.score"), 5)


def test_accepted_articles_that_wait_are_scored_once(
    environment: Environment, read: Read, tmp_path: Path
) -> None:
    """Those that lie in the partitions of before would be scored there, apart from their memory."""
    publish(environment, 100)
    process_all(environment, tmp_path / "log", read, 100)
    publish(environment, 200)
    publish(environment, 150)
    with worker(environment, tmp_path / "ingest", "--agents", "ingest") as process:
        process.wait_for("stage started")
        deadline = time.monotonic() + 30
        while len(read("news.accepted")) < 450:
            assert time.monotonic() < deadline, process.text
    done = grow(environment, 5, "--yes")
    assert done.returncode == 0, done.stderr
    assert "350 unread records moved" in done.stdout
    again = grow(environment, 5, "--yes")
    assert ": 0 unread records moved" in again.stdout
    assert "state.score: 0 entries moved" in again.stdout
    publish(environment, 250)
    process_all(environment, tmp_path / "again", read, 250)
    assert ids(read("news.scored")) == dict.fromkeys(range(250), 1)


def test_a_growth_that_is_killed_goes_on_where_it_is_run_again(
    environment: Environment, read: Read, tmp_path: Path
) -> None:
    """A command that dies half-way would leave memory in two places, or nowhere."""
    publish(environment, 2_000)
    process_all(environment, tmp_path / "log", read, 2_000)
    publish(environment, 3_000)
    with worker(environment, tmp_path / "ingest", "--agents", "ingest") as process:
        process.wait_for("stage started")
        deadline = time.monotonic() + 30
        while len(read("news.accepted")) < 5_000:
            assert time.monotonic() < deadline, process.text
    interrupted = False
    for seconds in (0.0, *(KILLS.uniform(0.0, 1.5) for _ in range(4))):
        argv = [str(SCRIPT), "topics", "grow", "--partitions", "5", "--yes"]
        with subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True) as command:
            assert command.stdout
            while not command.stdout.readline().startswith("workers are told"):
                pass
            time.sleep(seconds)
            command.send_signal(signal.SIGKILL)
        if not interrupted:
            interrupted = True
            with worker(environment, tmp_path / "between") as process:
                assert process.process.wait(20) == 1
                failed = process.wait_for("worker failed")
                assert "run `newsquake topics grow --partitions 5 --yes` again" in failed["problem"]
    done = grow(environment, 5, "--yes")
    assert done.returncode == 0, done.stderr
    assert in_place(read("state.score"), 5)
    publish(environment, 3_100)
    process_all(environment, tmp_path / "again", read, 3_100)
    assert ids(read("news.scored")) == dict.fromkeys(range(3_100), 1)


def test_a_frozen_worker_of_the_old_layout_writes_nothing(
    environment: Environment, read: Read, tmp_path: Path
) -> None:
    """It would thaw, and send articles to the partitions that their keys had."""
    with worker(environment | {"NEWSQUAKE_WORKER__SPLIT": "false"}, tmp_path / "log") as process:
        process.wait_for("stage started", times=3)
        publish(environment, 50)
        process.wait_for("first records committed", times=2)
        process.process.send_signal(signal.SIGSTOP)
        done = grow(environment, 5, "--yes")
        assert done.returncode == 0, done.stderr
        publish(environment, 100)
        with worker(environment, tmp_path / "new") as new:
            new.wait_for("stage started", times=3)
            process.process.send_signal(signal.SIGCONT)
            assert process.process.wait(20) == 1
            assert "the topics were grown" in process.wait_for("worker failed")["problem"]
            deadline = time.monotonic() + 30
            while len(read("news.scored")) < 100:
                assert time.monotonic() < deadline, new.text
            time.sleep(1)
    assert ids(read("news.scored")) == dict.fromkeys(range(100), 1)
