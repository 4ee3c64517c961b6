"""Rows that are dated by a wrong clock: Kafka refuses them, or deletes them unread."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from subprocess import CompletedProcess

import pytest

from tests.streams.conditions import articles, run

pytestmark = pytest.mark.kafka
CODE = """
import sys, time
real, jump = time.time, float(sys.argv.pop(1))
time.time = lambda: real() + jump
from cli.main import app
app()
"""
"""The command line on a machine whose clock is wrong."""


def publish(environment: Mapping[str, str], jump: float, count: int) -> CompletedProcess[str]:
    """Publish ``count`` articles with a clock that is ``jump`` seconds ahead."""
    arguments = ("publish", "-", "--format", "jsonl")
    return subprocess.run(
        [sys.executable, "-c", CODE, str(jump), *arguments], env=environment,
        input=articles(count), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_rows_that_kafka_refuses_for_a_wrong_clock_are_counted(
    environment: dict[str, str],
) -> None:
    """A script would see a protocol's error, or nothing, and 600 articles would be missing."""
    run(environment, "topics", "create")
    result = publish(environment, 7_200, 600)
    assert result.returncode == 1
    assert "published 0, skipped 600" in result.stdout
    assert "Kafka refuses them: this clock is 7200 s ahead of the brokers" in result.stderr
    assert "600 rows were refused" in result.stderr
    assert "Traceback" not in result.stderr


def test_rows_that_kafka_will_delete_for_a_wrong_clock_are_counted(
    environment: dict[str, str],
) -> None:
    """Articles would be published, acknowledged, and gone before anybody reads them."""
    run(environment, "topics", "create")
    result = publish(environment, -8 * 86_400, 30)
    assert result.returncode == 0
    assert "published 30, skipped 0" in result.stdout
    assert "30 rows were sent, and Kafka deletes them at its next check" in result.stderr


def test_a_right_clock_is_not_worth_a_word(
    environment: dict[str, str], newsquake: Callable[..., CompletedProcess[str]]
) -> None:
    """People would learn to overlook the line."""
    assert newsquake("topics", "create").returncode == 0
    result = publish(environment, 0, 3)
    assert (result.returncode, result.stderr) == (0, "")
