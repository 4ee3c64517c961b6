import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from infra.child_process import spawn

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]

PARENT = """
import sys, threading, time
from infra.child_process import spawn
argv = [sys.executable, "-c", sys.argv[1]]
started = []
starter = threading.Thread(target=lambda: started.append(spawn(argv)))
starter.start(); starter.join()
print(started[0].pid, flush=True)
time.sleep(60)
"""


def gone(pid: int, seconds: float = 5.0) -> bool:
    """Return whether the process ends within ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_child_dies_when_its_parent_is_killed() -> None:
    """Brokers and workers left behind by a killed demo would hold ports and memory for ever."""
    argv = [sys.executable, "-c", PARENT, "import time; time.sleep(60)"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert not gone(child, 0.3)
        parent.kill()
        assert gone(child)


def test_a_child_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    """Linux ties the child to a thread: a broker started in a pool would die with the pool."""
    started: list[subprocess.Popen[bytes]] = []
    log = tmp_path / "log"

    def start() -> None:
        with log.open("wb") as output:
            started.append(spawn(SLEEPER, output=output))
        while not log.read_bytes():
            time.sleep(0.01)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            started[0].wait(0.5)
    finally:
        started[0].kill()
    assert started[0].wait(5) == -signal.SIGKILL


def test_a_child_is_the_program_itself() -> None:
    """A kill by the pid must hit the program, not a wrapper around it."""
    with Path(os.devnull).open("wb") as nothing:
        child = spawn([sys.executable, "-c", "import os, sys; sys.exit(7)"], output=nothing)
        assert child.wait(10) == 7


def test_output_goes_to_the_given_file(tmp_path: Path) -> None:
    """A broker's last words are what explains its death."""
    with (tmp_path / "log").open("wb") as log:
        spawn([sys.executable, "-c", "print('last words')"], output=log).wait(10)
    assert (tmp_path / "log").read_text().strip() == "last words"
