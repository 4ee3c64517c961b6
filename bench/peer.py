"""A peer: the process that is measured, with what the kernel says it used."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from infra.child_process import spawn

SCRIPTS = Path(__file__).parent / "peers"
_STOP_SECONDS = 30.0
_MEGABYTE = 1024
_LOG_SHOWN = 3_000


class Peer(NamedTuple):
    """How to start it."""

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str] = {}


class Usage(NamedTuple):
    """Processor seconds and peak resident megabytes since the process began."""

    cpu: float
    resident: float


class Died(Exception):  # noqa: N818 - the state, with the end of its log
    """A peer ended before it was told to."""


class Running(NamedTuple):
    """A started peer."""

    process: subprocess.Popen[bytes]
    log: Path
    started: float

    def check(self) -> None:
        """Do nothing while it runs.

        Raises:
            Died: it does not.
        """
        if self.process.poll() is not None:
            raise Died(f"the peer ended with {self.process.returncode}:\n{self.said()}")

    def said(self) -> str:
        """The end of what it wrote to its output."""
        return self.log.read_text(errors="replace")[-_LOG_SHOWN:]

    def usage(self) -> Usage:
        """What it and its children have used so far (Linux: ``/proc``)."""
        usages = [_usage(pid) for pid in _family(self.process.pid)]
        return Usage(sum(one.cpu for one in usages), sum(one.resident for one in usages))


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in _family(int(child)))]


def _usage(pid: int) -> Usage:
    proc = Path(f"/proc/{pid}")
    fields = (proc / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    peak = next(x for x in (proc / "status").read_text().splitlines() if x.startswith("VmHWM"))
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) / _MEGABYTE)


def script(name: str, file: str, *arguments: str) -> Peer:
    """The peer that ``bench/peers/file`` is."""
    return Peer(name, (sys.executable, str(SCRIPTS / file), *arguments))


@contextmanager
def running(peer: Peer) -> Iterator[Running]:
    """Start ``peer`` in a directory of its own; at the end SIGTERM, and SIGKILL if it stays."""
    with TemporaryDirectory(prefix="newsquake-bench-", ignore_cleanup_errors=True) as scratch:
        log = Path(scratch) / "log"
        with log.open("wb") as output:
            started = time.monotonic()
            environ = {**os.environ, **peer.environ}
            process = spawn(peer.argv, output=output, environ=environ, directory=Path(scratch))
        try:
            yield Running(process, log, started)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
