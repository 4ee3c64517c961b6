"""Partitions that others add to a topic are told at once, with the command that sets it right."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.core.record import Record
from tests.growth.conftest import Environment, grow, ids
from tests.streams.conditions import SCRIPT, articles, run, worker

pytestmark = pytest.mark.kafka
READ = ("news.raw", "news.accepted", "news.signals", "state.score", "state.detect")
WRITTEN = ("news.scored", "alerts", "news.dead", "news.feedback")
SCORE = ("news.accepted", "state.score")
Add = Callable[[str, int], None]


@pytest.mark.parametrize("topic", [*READ, "state.positions"])
def test_a_topic_that_agents_rely_on_stops_them_with_the_command(
    environment: Environment, add_partitions: Add, prefix: str, tmp_path: Path, topic: str
) -> None:
    """Keys would part from their memory, or a lease wait five minutes for a changelog."""
    expected = 1 if topic in {"news.signals", "state.detect"} else 2
    wanted = 3 if topic in {"news.accepted", "state.score"} else 2
    line = f"{prefix}{topic} has 3 partitions, not {expected}"
    command = f"`newsquake topics grow --partitions {wanted} --yes`"
    agents = "score" if topic in SCORE else "ingest" if topic == "news.raw" else "detect"
    with worker(environment, tmp_path / "log", "--agents", agents) as process:
        process.wait_for("stage started")
        add_partitions(topic, 3)
        failed = process.wait_for("worker failed", seconds=8)
        assert line in failed["problem"]
        assert command in failed["problem"]
        assert process.process.wait(10) == 1
    with worker(environment, tmp_path / "again") as process:
        assert process.process.wait(20) == 1
        failed = process.wait_for("worker failed")
        assert line in failed["problem"]
        assert command in failed["problem"]


def test_one_command_sets_right_what_others_did_to_all_topics(
    environment: Environment,
    add_partitions: Add,
    read: Callable[..., list[Record]],
    tmp_path: Path,
) -> None:
    """Kafka takes no partitions away: without a way on, a slip of the hand would be the end."""
    for number, topic in enumerate((*READ, *WRITTEN)):
        add_partitions(topic, 3 + number)
    done = grow(environment, 6, "--yes")
    assert done.returncode == 0, done.stderr
    run(environment, "publish", "-", "--format", "jsonl", text=articles(60))
    with worker(environment, tmp_path / "log") as process:
        process.wait_for("stage started", times=3)
        process.wait_for("first records committed", times=2)
        run(environment, "publish", "-", "--format", "jsonl", text=articles(80))
        time.sleep(3)
        assert process.stop() < 8
    assert ids(read("news.scored")) == dict.fromkeys(range(80), 1)


def test_a_topic_that_agents_only_write_is_told_and_work_goes_on(
    environment: Environment,
    add_partitions: Add,
    read: Callable[..., list[Record]],
    prefix: str,
    tmp_path: Path,
) -> None:
    """All news would stop because a reader of the results wants more partitions."""
    with worker(environment, tmp_path / "log") as process:
        process.wait_for("stage started", times=3)
        for topic in WRITTEN:
            add_partitions(topic, 3)
        for topic in WRITTEN:
            told = process.wait_for(f"{prefix}{topic} has 3 partitions, not 2", seconds=8)
            assert (told["topic"], told["partitions"], told["expected"]) == (prefix + topic, 3, 2)
            assert "`newsquake topics grow --partitions 2 --yes`" in told["problem"]
        run(environment, "publish", "-", "--format", "jsonl", text=articles(40))
        process.wait_for("first records committed", times=2)
        assert process.stop() < 5
    assert ids(read("news.scored")) == dict.fromkeys(range(40), 1)
    assert {record.partition for record in read("news.scored")} == {0, 1}
    assert grow(environment, 2, "--yes").returncode == 0
    with worker(environment, tmp_path / "again") as process:
        process.wait_for("stage started", times=3)
        assert "not 2" not in process.text


def test_a_setting_that_differs_does_not_matter_to_a_worker(
    environment: Environment, tmp_path: Path
) -> None:
    """After a growth, each worker would need a new setting, and the one forgotten would not run."""
    other = environment | {"NEWSQUAKE_KAFKA__PARTITIONS": "7"}
    with worker(other, tmp_path / "log") as process:
        process.wait_for("stage started", times=3)


def test_settings_and_topics_that_differ_are_told_when_topics_are_made(
    environment: Environment,
) -> None:
    """Somebody would raise the setting, and wait for partitions that never come."""
    other = environment | {"NEWSQUAKE_KAFKA__PARTITIONS": "7"}
    done = subprocess.run(
        [SCRIPT, "topics", "create"], env=other, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "the topics have 2 partitions, not 7" in done.stderr
    assert "`newsquake topics grow --partitions 7 --yes`" in done.stderr
