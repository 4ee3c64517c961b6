"""``newsquake dashboard`` as people run it."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.kafka

Run = Callable[..., subprocess.CompletedProcess[str]]
_SCRIPT = Path(sys.executable).with_name("newsquake")


def test_it_prints_its_address_and_ends_with_sigterm(
    newsquake: Run, environment: dict[str, str]
) -> None:
    """A person would not know where to look, and a supervisor would have to kill it."""
    assert newsquake("topics", "create").returncode == 0
    process = subprocess.Popen(
        [_SCRIPT, "dashboard", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        ready, address = process.stdout.readline().split()
        assert ready == "ready"
        page = httpx.get(address, timeout=60)
        assert (page.status_code, "<title>Newsquake</title>" in page.text) == (200, True)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, "Traceback" in errors) == (0, False)
    finally:
        process.kill()
        process.communicate()


def test_without_a_broker_it_says_so_in_one_line(environment: dict[str, str]) -> None:
    """A person would look at an empty page, and not know that Kafka is not there."""
    away = environment | {"NEWSQUAKE_KAFKA__BOOTSTRAP": "127.0.0.1:1"}
    failed = subprocess.run(
        [_SCRIPT, "dashboard", "--port", "0"],
        env=away,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert failed.returncode == 1
    assert failed.stderr.startswith("newsquake: no Kafka at 127.0.0.1:1")
    assert failed.stderr.count("\n") == 1


def test_an_address_that_others_reach_is_refused_without_a_token(newsquake: Run) -> None:
    """Anybody on the network could read the news."""
    refused = newsquake("dashboard", "--host", "0.0.0.0")  # noqa: S104 - it is refused
    assert refused.returncode == 2
    assert "NEWSQUAKE_DASHBOARD__TOKEN" in refused.stderr
