"""The command line as users run it: in processes of its own, which SIGTERM ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Working = Callable[[], AbstractContextManager[None]]

_SCRIPT = Path(sys.executable).with_name("newsquake")


@pytest.fixture
def environment(kafka: str, prefix: str) -> dict[str, str]:
    """The settings of one test, for processes of its own."""
    others = {
        name: value for name, value in os.environ.items() if not name.startswith("NEWSQUAKE_")
    }
    return {
        **others,
        "NEWSQUAKE_KAFKA__BOOTSTRAP": kafka,
        "NEWSQUAKE_KAFKA__PREFIX": prefix,
        "NEWSQUAKE_KAFKA__PARTITIONS": "2",
        "NEWSQUAKE_NLP__MODEL": "lexicon",
    }


@pytest.fixture
def newsquake(environment: dict[str, str]) -> Run:
    """Run ``newsquake`` to its end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_SCRIPT, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return run


@pytest.fixture
def working(environment: dict[str, str], tmp_path: Path) -> Working:
    """Return a context manager that runs a worker; SIGTERM must end it with code 0."""

    @contextmanager
    def run() -> Iterator[None]:
        log = tmp_path / "worker.log"
        with log.open("wb") as file:
            worker = subprocess.Popen([_SCRIPT, "worker"], env=environment, stderr=file)
        try:
            yield
        finally:
            worker.send_signal(signal.SIGTERM)
            try:
                code = worker.wait(30)
            finally:
                worker.kill()
        assert code == 0, log.read_text()

    return run
