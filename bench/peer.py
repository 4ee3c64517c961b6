"""Run a peer, the process that is measured, and read its usage from the kernel."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from watched_process import family

from infra.child_process import spawn

SCRIPTS = Path(__file__).parent / "peers"
_STOP_SECONDS = 30.0
_MEGABYTE = 1024
_LOG_SHOWN = 3_000


class Peer(NamedTuple):
    """The command line of a process to measure."""

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str] = {}


class Usage(NamedTuple):
    """What a process and its descendants have taken since it began.

    Attributes:
        cpu: processor seconds.
        resident: the sum of their peaks of resident megabytes; what several share counts for each.
        together: megabytes of all of them now, in which what several share counts once (PSS).
    """

    cpu: float
    resident: float
    together: float = 0.0


class Died(Exception):
    """A peer ended before it was stopped."""


class Running(NamedTuple):
    """A started peer."""

    process: subprocess.Popen[bytes]
    log: Path
    started: float

    def check(self) -> None:
        """Check that the process runs.

        Raises:
            Died: it has ended.
        """
        if self.process.poll() is not None:
            raise Died(f"the peer ended with {self.process.returncode}:\n{self.log_end()}")

    def log_end(self) -> str:
        """Return the end of its output."""
        return self.log.read_text(errors="replace")[-_LOG_SHOWN:]

    def usage(self) -> Usage:
        """Return the usage of the process and its descendants so far, from Linux's ``/proc``."""
        usages = [_usage(pid) for pid in family(self.process.pid)]
        cpu, resident, together = (sum(figures) for figures in zip(*usages, strict=True))
        return Usage(cpu, resident, together)


def _usage(pid: int) -> Usage:
    proc = Path(f"/proc/{pid}")
    fields = (proc / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    peak = next(
        line for line in (proc / "status").read_text().splitlines() if line.startswith("VmHWM")
    )
    pages = (proc / "smaps_rollup").read_text().splitlines()
    together = next((line for line in pages if line.startswith("Pss:")), "Pss: 0")
    resident = int(peak.split()[1]) / _MEGABYTE
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), resident, int(together.split()[1]) / _MEGABYTE)


def script(name: str, file: str, *arguments: str) -> Peer:
    """Return the peer that runs the script ``bench/peers/file``."""
    return Peer(name, (sys.executable, str(SCRIPTS / file), *arguments))


@contextmanager
def running(peer: Peer) -> Iterator[Running]:
    """Run ``peer`` in a directory of its own, and end it by SIGTERM, or else by SIGKILL."""
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
