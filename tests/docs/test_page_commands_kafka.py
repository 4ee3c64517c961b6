"""The commands of the pages, run as they stand there, on one cluster with a surge on it."""

import asyncio
import gzip
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from infra.kafka.port import free_ports
from tests.docs.page_commands import RUN_TOGETHER, Command, commands
from tests.docs.test_tutorial_kafka import Chat, chat

__all__ = ["chat"]
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
SCRIPT = Path(sys.executable).with_name("newsquake")
LASTING = ("worker", "dashboard", "watch", "serve", "source")
"""Commands that run until they are stopped."""
NOT_AN_ARTICLE = b'{"headline": "A headline without a date"}'
EVENTS = [{"subject": "company:ACME", "from": "2026-02-18", "to": "2026-02-20", "note": "a day"}]
OTHER_ANSWERS = {("newsquake", "doctor"): {0, 1}, ("newsquake", "check"): {0, 1}}
"""Exit codes of commands that also say whether all is well."""


class Cluster:
    """A cluster as the pages suppose one: topics, a worker, an open alert, dead letters.

    Attributes:
        folder: The folder in which commands run, with the files that pages name.
        environment: The environment of the commands.
        names: What a page writes, and what stands for it here.
    """

    def __init__(self, folder: Path, environment: dict[str, str], names: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.names = names

    def words(self, command: Command) -> list[str]:
        """Return the command's words with this cluster's names in them."""
        replaced = [self._replaced(word) for word in command.words]
        return [str(SCRIPT), *replaced[1:]] if replaced[0] == "newsquake" else replaced

    def environment_of(self, command: Command) -> dict[str, str]:
        """Return the environment with the variables that stand before the command."""
        variables = {name: self._replaced(text) for name, text in command.variables.items()}
        return self.environment | variables

    def run(self, *words: str, answers: frozenset[int] | set[int] = frozenset({0})) -> str:
        """Run ``newsquake`` to its end, and return what it prints."""
        return finished([str(SCRIPT), *words], self.environment, self.folder, answers)

    def _replaced(self, text: str) -> str:
        for name, ours in self.names.items():
            text = text.replace(name, ours)
        return text


def finished(
    words: list[str],
    environment: Mapping[str, str],
    folder: Path,
    answers: frozenset[int] | set[int],
) -> str:
    """Run a command to its end, and return what it prints."""
    done = subprocess.run(
        words, env=environment, cwd=folder, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode in answers, (shlex.join(words), done.stdout, done.stderr)
    return done.stdout


@contextmanager
def lasting(words: list[str], environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    """Run a command during the block; it must not end by itself, and Ctrl-C must end it well."""
    file = folder / f"{len(list(folder.glob('*.out')))}.out"
    with file.open("wb") as output:
        process = subprocess.Popen(
            words, env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        is_silent = {"watch", "source"} & set(words)
        wait_for(lambda: is_silent or file.stat().st_size or process.poll() is not None, file)
        time.sleep(2.0 if is_silent else 0.2)
        assert process.poll() is None, (shlex.join(words), file.read_text())
        yield
        assert process.poll() is None, (shlex.join(words), file.read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(60) in {0, 130}, (shlex.join(words), file.read_text())
    finally:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], object], output: Path) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + 150
    while not condition():
        assert time.monotonic() < end, output.read_text()
        time.sleep(0.2)


def send(words: list[str], address: str) -> None:
    """Send what ``curl`` would."""
    headers = [word for option, word in pairwise(words) if option == "-H"]
    answer = httpx.post(
        address,
        headers=dict(re.split(r": *", header, maxsplit=1) for header in headers),
        content=words[words.index("-d") + 1],
    )
    assert answer.status_code == 202, answer.text


@pytest.fixture
def cluster(kafka: str, prefix: str, tmp_path: Path, chat: Chat) -> Iterator[Cluster]:
    """Yield a cluster on which the tutorial's news has raised its alert."""
    serve, dashboard = free_ports(2)
    settings = {
        "NEWSQUAKE_KAFKA__BOOTSTRAP": kafka,
        "NEWSQUAKE_KAFKA__PREFIX": prefix,
        "NEWSQUAKE_KAFKA__PARTITIONS": "4",
        "NEWSQUAKE_NLP__MODEL": "lexicon",
        "NEWSQUAKE_DETECT__IDLE_TIMEOUT": "1",
        "NEWSQUAKE_SERVE__PORT": str(serve),
        "NEWSQUAKE_DASHBOARD__PORT": str(dashboard),
    }
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("NEWSQUAKE_")},
        **settings,
    }
    made = Cluster(tmp_path, environment, {})
    write_files(tmp_path, chat)
    made.run("topics", "create")
    worker = [str(SCRIPT), "worker"]
    with lasting(worker, environment, tmp_path):
        made.run("publish", str(ROOT / "docs/tutorial/news.csv"))
        asyncio.run(send_raw(kafka, f"{prefix}news.raw", NOT_AN_ARTICLE))
        alert, letter = eventually(made, "alerts", "list"), eventually(made, "dlq", "list")
        made.names |= {
            "3f2a9c": str(alert["id"]),
            "3@41": f"{letter['partition']}@{letter['offset']}",
            "company:LEH": "company:ACME",
            "/var/spool/news": str(tmp_path / "spool"),
            "0.0.0.0": "127.0.0.1",  # noqa: S104 - it is not bound
            "8080": str(serve),
            "…": "a-token-of-more-than-a-few-letters",
        }
        yield made


def write_files(folder: Path, chat: Chat) -> None:
    """Write the files that pages name."""
    news = (ROOT / "docs/tutorial/news.csv").read_text("utf-8").partition("\n")[2]
    table = f"timestamp_utc,title,ticker\n{news}"
    (folder / "archive.csv.gz").write_bytes(gzip.compress(table.encode()))
    (folder / "events.json").write_text(json.dumps(EVENTS))
    (folder / "newsquake.toml").write_text(
        f'[notify.routes.desk]\nto = "slack"\nurl = "{chat.url}"\nallow_private = true\n'
    )
    (folder / "spool").mkdir()
    shutil.copy(ROOT / "docs/tutorial/news.csv", folder / "spool/news.csv")
    shutil.copytree(ROOT / "docs/tutorial", folder / "docs/tutorial")


async def send_raw(bootstrap: str, topic: str, value: bytes) -> None:
    """Write a record as a producer of others does."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(topic, value)


def eventually(cluster: Cluster, *words: str) -> dict[str, Any]:
    """Return the first line that a command lists, once there is one."""
    end = time.monotonic() + 120
    while not (listed := cluster.run(*words, "--json").splitlines()):
        assert time.monotonic() < end, words
        time.sleep(1.0)
    line: dict[str, Any] = json.loads(listed[0])
    return line


def test_every_command_of_these_pages_does_its_work(cluster: Cluster) -> None:
    """A reader would copy a command that ends with an error."""
    failures = []
    for page in RUN_TOGETHER:
        begin = time.monotonic()
        try:
            run_page(cluster, page)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            failures.append(f"{page}: {error}")
        print(f"{page}: {time.monotonic() - begin:.0f} s")  # noqa: T201 - pytest shows it with -s
    assert not failures, "\n".join(failures)
    assert (cluster.folder / "lehman.png").read_bytes()[:4] == b"\x89PNG"


def run_page(cluster: Cluster, page: str) -> None:
    """Run the commands of a page in their order; those that last run until the last has ended."""
    with ExitStack() as running:
        for command in [each for each in commands() if each.page == page and each.words]:
            words, environment = cluster.words(command), cluster.environment_of(command)
            if command.words[0] == "curl":
                send(words, next(word for word in words if word.startswith("http")))
            elif command.how == "run":
                if is_lasting(command):
                    running.enter_context(lasting(words, environment, cluster.folder))
                else:
                    answers = OTHER_ANSWERS.get(command.words[:2], {0})
                    finished(words, environment, cluster.folder, answers)


def is_lasting(command: Command) -> bool:
    """Return whether a command runs until it is stopped."""
    words = [word for word in command.words[1:] if not word.startswith("-")]
    return next(word for word in words if "." not in word) in LASTING
