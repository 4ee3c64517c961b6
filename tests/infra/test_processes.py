"""Agents in processes that live and end together; these tests need Linux."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.forked_agents import can_fork

PROGRAM = """
import asyncio, os, signal, sys, time
from pathlib import Path
from infra.forked_agents import fork_each, wait_for_all

folder = Path(sys.argv[1])

def work(name):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    part = folder / f"{name}.part"
    part.write_text(str(os.getpid()))
    part.rename(folder / name)  # whoever sees the file can read the id
    if name == "fails":
        while not (folder / "waits").exists():
            time.sleep(0.01)
        raise SystemExit(3)
    while True:
        time.sleep(0.05)

async def main(pids):
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    (folder / "parent").touch()
    return await wait_for_all(pids, stop)

pids = fork_each(sys.argv[2:], work)
sys.exit(asyncio.run(main(pids)))
"""


@pytest.fixture(autouse=True)
def _on_linux() -> None:
    """Fail with the reason where processes can't be tied to the life of their parent."""
    assert can_fork(), "these tests need Linux: elsewhere all agents run in one process"


def start(folder: Path, *names: str) -> "subprocess.Popen[bytes]":
    """Start the program above and return it once all its processes run and accept SIGTERM."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), *names], stderr=subprocess.DEVNULL
    )
    wait_for(lambda: all((folder / name).exists() for name in (*names, "parent")))
    return process


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until ``condition()`` holds, at most ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def gone(path: Path) -> bool:
    """Return whether the process that wrote its id to ``path`` has ended."""
    text = path.read_text()
    return bool(text) and not alive(int(text))


def alive(pid: int) -> bool:
    """Return whether there is a process ``pid`` that is not a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_an_agent_that_fails_ends_the_others_and_the_worker(tmp_path: Path) -> None:
    """A worker with a dead agent would look alive while articles pile up before that agent."""
    process = start(tmp_path, "waits", "fails")
    assert process.wait(10) == 3
    assert gone(tmp_path / "waits")


def test_agents_stop_with_the_worker(tmp_path: Path) -> None:
    """Stopping a worker would leave processes behind that go on working."""
    process = start(tmp_path, "one", "two")
    process.terminate()
    assert process.wait(10) == 0
    assert gone(tmp_path / "one")
    assert gone(tmp_path / "two")


def test_agents_die_with_a_killed_worker(tmp_path: Path) -> None:
    """After a kill -9 the agents would go on without anyone who watches over them."""
    process = start(tmp_path, "one", "two")
    process.kill()
    process.wait(10)
    wait_for(lambda: gone(tmp_path / "one") and gone(tmp_path / "two"))


def test_a_killed_agent_ends_the_worker_with_the_signal(tmp_path: Path) -> None:
    """The supervisor would take an agent that ran out of memory for a clean end."""
    process = start(tmp_path, "one", "two")
    os.kill(int((tmp_path / "one").read_text()), signal.SIGKILL)
    assert process.wait(10) == 128 + signal.SIGKILL
    wait_for(lambda: gone(tmp_path / "two"))
