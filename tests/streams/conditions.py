"""Workers in processes of their own, and their log, for conditions of a cluster."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCRIPT = Path(sys.executable).with_name("newsquake")
SECONDS = 40.0


def settings(bootstrap: str, **values: str) -> dict[str, str]:
    """Return an environment for ``newsquake`` with two partitions and no model."""
    others = {name: text for name, text in os.environ.items() if not name.startswith("NEWSQUAKE_")}
    return {
        **others,
        "NEWSQUAKE_KAFKA__BOOTSTRAP": bootstrap,
        "NEWSQUAKE_KAFKA__PARTITIONS": "2",
        "NEWSQUAKE_NLP__MODEL": "lexicon",
        "NEWSQUAKE_LOG__FORMAT": "json",
        **values,
    }


class Worker:
    """A worker process and the file that it logs to."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def text(self) -> str:
        """The output so far."""
        return self._log.read_text()

    @property
    def events(self) -> list[dict[str, Any]]:
        """The structured lines so far."""
        lines = self.text.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def wait_for(self, words: str, times: int = 1, seconds: float = SECONDS) -> dict[str, Any]:
        """Wait until ``words`` stand in so many lines, and return the last of these."""
        deadline = time.monotonic() + seconds
        while len(lines := [line for line in self.events if words in json.dumps(line)]) < times:
            assert time.monotonic() < deadline, f"no {words!r} in:\n{self.text}"
            time.sleep(0.05)
        return lines[-1]

    def stop(self) -> float:
        """Send SIGTERM, and return the seconds that the process took to end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(SECONDS)
        return time.monotonic() - began


@contextmanager
def worker(environment: Mapping[str, str], log: Path, *arguments: str) -> Iterator[Worker]:
    """Run ``newsquake worker`` until the block ends."""
    with command(environment, log, "worker", *arguments) as process:
        yield process


@contextmanager
def command(environment: Mapping[str, str], log: Path, *arguments: str) -> Iterator[Worker]:
    """Run ``newsquake`` with ``arguments`` until the block ends."""
    with log.open("wb") as file:
        process = subprocess.Popen([SCRIPT, *arguments], env=environment, stderr=file, stdout=file)
    try:
        yield Worker(process, log)
    finally:
        process.kill()
        process.wait()


def run(environment: Mapping[str, str], *arguments: str, text: str = "") -> str:
    """Run ``newsquake`` with ``arguments``, and return its output; it must succeed."""
    done = subprocess.run(
        [SCRIPT, *arguments], env=environment, input=text, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def articles(count: int, begin: int = 0) -> str:
    """Return JSON lines of ``count`` different articles, numbered from ``begin``."""
    return "".join(
        json.dumps(
            {
                "id": f"condition-{number}",
                "source": "conditions",
                "headline": f"Report {number} on shares",
                "published": "2026-01-02T03:04:05Z",
            }
        )
        + "\n"
        for number in range(begin, begin + count)
    )
