"""Commands of ``newsquake`` in processes that are forked, so that dozens cost what two cost."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SECONDS = 40.0
_SERVER = """
import json, os, sys
import agents.score, agents.ingest, agents.detect, cli.main, cli.worker, cli.watch, cli.publish
import cli.operate.topics, cli.adapt, cli.dlq.purging, cli.dlq.replaying
import cli.state.exporting, cli.state.importing
import streams.faust.worker, streams.positions.idle
for line in sys.stdin:
    job = json.loads(line)
    if os.fork() == 0:
        pid = os.fork()
        if pid:
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            open(job["log"] + ".part", "w").write(str(code))
            os.rename(job["log"] + ".part", job["log"] + ".code")
            os._exit(0)
        for target, name in ((0, os.devnull), (1, job["log"]), (2, job["log"])):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND), target)
        sys.stdin = open(0, closefd=False)
        os.environ.clear()
        os.environ.update(job["environment"])
        try:
            cli.main.app(job["arguments"])
        except SystemExit as end:
            sys.stdout.flush()
            os._exit(end.code or 0)
        os._exit(1)
"""


class Command(NamedTuple):
    """A command that runs, or has ended; ``log`` has all that it printed."""

    log: Path

    @property
    def text(self) -> str:
        """The output so far."""
        return self.log.read_text() if self.log.exists() else ""

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        file = self.log.with_name(self.log.name + ".code")
        return int(file.read_text()) if file.exists() else None

    def wait(self, seconds: float = SECONDS) -> int:
        """Return the exit code, once there is one."""
        deadline = time.monotonic() + seconds
        while (code := self.code) is None:
            assert time.monotonic() < deadline, f"{self.log.name} goes on:\n{self.text}"
            time.sleep(0.02)
        return code

    def wait_for(self, words: str, seconds: float = SECONDS) -> None:
        """Wait until the output has ``words``."""
        deadline = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < deadline, f"no {words!r} in:\n{self.text}"
            assert self.code is None or words in self.text, self.text
            time.sleep(0.02)


class Commands:
    """Starts commands; their modules are imported once."""

    def __init__(self, server: "subprocess.Popen[str]", folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._count = 0

    def start(self, environment: Mapping[str, str], arguments: Sequence[str]) -> Command:
        """Start ``newsquake`` with ``arguments``, and return at once."""
        self._count += 1
        log = self._folder / f"{self._count}-{arguments[0]}"
        job = {"log": str(log), "environment": dict(environment), "arguments": list(arguments)}
        assert self._server.stdin
        self._server.stdin.write(json.dumps(job) + "\n")
        self._server.stdin.flush()
        return Command(log)

    def run(self, environment: Mapping[str, str], *arguments: str) -> Command:
        """Run ``newsquake`` with ``arguments`` to its end."""
        command = self.start(environment, arguments)
        command.wait()
        return command


@contextmanager
def commands(folder: Path) -> Iterator[Commands]:
    """Serve commands until the block ends; those that go on are killed with it."""
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield Commands(server, folder)
    finally:
        os.killpg(server.pid, 9)
        server.wait()
