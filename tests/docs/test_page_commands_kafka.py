"""The commands of the pages, run as they stand there, on one cluster with a surge on it."""

import asyncio
import gzip
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count, pairwise
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from infra.kafka.port import free_ports
from tests.docs.command_server import CommandServer
from tests.docs.page_commands import RUN_TOGETHER, Command, commands
from tests.docs.test_tutorial_kafka import Chat, chat

__all__ = ["chat"]
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 240.0
T = TypeVar("T")
LASTING = ("worker", "dashboard", "watch", "serve", "source")
"""Commands that run until they are stopped."""
NOT_AN_ARTICLE = b'{"headline": "A headline without a date"}'
EVENTS = [{"subject": "company:ACME", "from": "2026-02-18", "to": "2026-02-20", "note": "a day"}]
OTHER_ANSWERS = {"doctor": {0, 1}, "check": {0, 1}}
"""Exit codes of commands that also say whether all is well."""


class Cluster:
    """A cluster as the pages suppose one: topics, a worker, an open alert, dead letters.

    Attributes:
        folder: The folder in which commands run, with the files that pages name.
        environment: The environment of the commands.
        names: What a page writes, and what stands for it here.
    """

    def __init__(self, server: CommandServer, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.names: dict[str, str] = {}
        self._server = server
        self._outputs = count()

    def replaced(self, text: str) -> str:
        """Return a text with this cluster's names in it."""
        for name, ours in self.names.items():
            text = text.replace(name, ours)
        return text

    def run(
        self, *words: str, variables: Mapping[str, str] | None = None, answers: Iterable[int] = (0,)
    ) -> str:
        """Run ``newsquake`` to its end, and return what it prints."""
        process, output = self._start(words, variables or {})
        code = wait_for(lambda: self._ended(process), output)
        assert code in {f"ended with {each}" for each in answers}, (words, code, output.read_text())
        return output.read_text()

    @contextmanager
    def lasting(self, words: Sequence[str], variables: Mapping[str, str]) -> Iterator[None]:
        """Run a command during the block; it must not end by itself, and Ctrl-C must end it."""
        process, output = self._start(words, variables)
        try:
            is_silent = {"watch", "source"} & set(words)
            wait_for(lambda: is_silent or output.stat().st_size, output)
            time.sleep(2.0 if is_silent else 0.2)
            yield
            assert not self._ended(process), (words, output.read_text())
            os.kill(process, signal.SIGINT)
            code = wait_for(lambda: self._ended(process), output)
            assert code in {"ended with 0", "ended with 130"}, (words, code, output.read_text())
        except BaseException:
            if not self._ended(process):
                os.kill(process, signal.SIGKILL)
            raise

    def _start(self, words: Sequence[str], variables: Mapping[str, str]) -> tuple[int, Path]:
        output = self.folder / f"{next(self._outputs)}.out"
        output.touch()
        environment = {**self.environment, **variables}
        return self._server.start(words, environment, self.folder, output), output

    def _ended(self, process: int) -> str:
        code = self._server.code(process)
        return "" if code is None else f"ended with {code}"


def wait_for(condition: Callable[[], T], output: Path) -> T:
    """Return what a condition gives, once that is something."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (value := condition()):
        assert time.monotonic() < end, output.read_text()
        time.sleep(0.1)
    return value


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
    write_files(tmp_path, chat)
    with CommandServer() as server, ExitStack() as running:
        made = Cluster(server, tmp_path, environment)
        made.run("topics", "create")
        running.enter_context(made.lasting(["worker"], {}))
        made.run("publish", str(ROOT / "docs/tutorial/news.csv"))
        asyncio.run(send_raw(kafka, f"{prefix}news.raw", NOT_AN_ARTICLE))
        alert, letter = eventually(made, "alerts", "list"), eventually(made, "dlq", "list")
        made.names |= {
            "3f2a9c": str(alert["id"]),
            "3@41": str(letter["id"]),
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
    end = time.monotonic() + PATIENCE_SECONDS
    while not (listed := re.findall(r"^\{.*", cluster.run(*words, "--json"), re.MULTILINE)):
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
        except AssertionError as error:
            failures.append(f"{page}: {error}")
        print(f"{page}: {time.monotonic() - begin:.0f} s")  # noqa: T201 - pytest shows it with -s
    assert not failures, "\n".join(failures)
    assert (cluster.folder / "lehman.png").read_bytes()[:4] == b"\x89PNG"


def run_page(cluster: Cluster, page: str) -> None:
    """Run the commands of a page in their order; those that last run until the last has ended."""
    with ExitStack() as running:
        for command in [each for each in commands() if each.page == page and each.words]:
            words = [cluster.replaced(word) for word in command.words[1:]]
            variables = {name: cluster.replaced(text) for name, text in command.variables.items()}
            if command.words[0] == "curl":
                send(words, next(word for word in words if word.startswith("http")))
            elif command.how == "run" and is_lasting(command):
                if words[0] == "dashboard":  # the next one has the same port
                    running.close()
                running.enter_context(cluster.lasting(words, variables))
            elif command.how == "run":
                answers = OTHER_ANSWERS.get(command.words[1], {0})
                cluster.run(*words, variables=variables, answers=answers)


def is_lasting(command: Command) -> bool:
    """Return whether a command runs until it is stopped."""
    words = [word for word in command.words[1:] if not word.startswith("-")]
    return next(word for word in words if "." not in word) in LASTING
