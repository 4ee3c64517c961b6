"""Workers that are started again when they die, and the records that they committed."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agents.cluster_layout import ClusterLayout
from infra.backoff import Backoff
from infra.supervisor import Command, Supervisor
from schemas.channels import Channel
from tests.chaos.outside import committed

SESSION = 6.0
SETTINGS = {
    "NEWSQUAKE_NLP__MODEL": "lexicon",
    "NEWSQUAKE_WORKER__SESSION_TIMEOUT": str(SESSION),
}


class Read(NamedTuple):
    """A committed record; its timestamp is when it was written, and left out."""

    partition: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


Records = Callable[[ClusterLayout, Channel], Awaitable[list[Read]]]
Working = Callable[..., Supervisor]


@pytest.fixture
def working(tmp_path: Path) -> Iterator[Working]:
    """Start workers that are started again whenever they die."""
    logs: list[Path] = []

    def start(layout: ClusterLayout, count: int, **settings: Any) -> Supervisor:
        environ = {
            **os.environ,
            **SETTINGS,
            "NEWSQUAKE_KAFKA__BOOTSTRAP": layout.bootstrap,
            "NEWSQUAKE_KAFKA__PREFIX": layout.prefix,
            **settings,
        }
        argv = [str(Path(sys.executable).with_name("newsquake")), "worker"]
        names = [f"{layout.prefix}worker-{number}" for number in range(count)]
        commands = [Command(name, argv, environ, tmp_path / f"{name}.log") for name in names]
        logs.extend(command.log for command in commands if command.log)
        backoff = Backoff(first_seconds=0.2, max_seconds=1.0, max_failures=10_000)
        return stack.enter_context(Supervisor(commands, backoff=backoff))

    with ExitStack() as stack:
        yield start
    for log in logs:  # shown by pytest when the test fails
        print(log.name, log.read_text()[-3000:])  # noqa: T201 - pytest shows it when the test fails


async def running(workers: Supervisor, index: int) -> int:
    """Wait for a worker's process, and return its id."""
    while (pid := workers.status[index].pid) is None:  # noqa: ASYNC110 - another thread's work
        await asyncio.sleep(0.1)
    return pid


async def records(layout: ClusterLayout, channel: Channel) -> list[Read]:
    """Return all committed records of a topic, partition by partition."""
    read = [
        Read(record.partition, record.key or b"", record.value, tuple(record.headers))
        for record in await committed(layout, channel)
    ]
    return sorted(read, key=lambda record: record.partition)


@pytest.fixture(name="records")
def reading() -> Records:
    """Return `records`, for tests to call."""
    return records


@pytest.fixture(name="running")
def waiting() -> Callable[[Supervisor, int], Awaitable[int]]:
    """Return `running`, for tests to call."""
    return running
