"""A supervisor for worker processes where there is neither compose nor Kubernetes: in the demo."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Self

import structlog

from infra.backoff import Backoff, Failures, GiveUp, after_failure
from infra.child_process import describe_exit, spawn

if TYPE_CHECKING:
    from subprocess import Popen

_log = structlog.get_logger(__name__)

AGAIN: Final = 75
"""Exit code of a command that asks to be started again, which is no failure (EX_TEMPFAIL)."""

State = Literal["waiting", "running", "finished", "given up"]


class Command(NamedTuple):
    """A command to keep running.

    Attributes:
        name: The name in log lines.
        argv: The program and its arguments.
        environ: The environment; default: that of this process.
        log: The file to which the output is appended; default: the output of this process.
    """

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str] | None = None
    log: Path | None = None


class Status(NamedTuple):
    """The state of a command; ``pid`` is None while its process does not run."""

    name: str
    state: State
    pid: int | None
    restarts: int


class Supervisor:
    """Starts commands and restarts those that fail; a command that exits with 0 is finished.

    On Linux the processes die with this one, however it ends. Use it as a context manager, or call
    `start` and `stop`. ``grace`` is the time in seconds that `stop` gives processes to end.
    """

    def __init__(
        self, commands: Iterable[Command], *, backoff: Backoff | None = None, grace: float = 10.0
    ) -> None:
        self._processes = [_Supervised(command, backoff or Backoff()) for command in commands]
        self._grace = grace

    def start(self) -> None:
        """Start all commands, each watched by its own thread."""
        for process in self._processes:
            process.start()

    def stop(self) -> None:
        """Send SIGTERM to all processes, and after ``grace`` seconds SIGKILL to the rest."""
        for process in self._processes:
            process.ask_to_stop()
        deadline = time.monotonic() + self._grace
        for process in self._processes:
            process.join(deadline)

    def kill(self, index: int) -> int | None:
        """Send SIGKILL to the command at ``index``; return its pid, or None if it did not run."""
        return self._processes[index].kill()

    @property
    def status(self) -> list[Status]:
        """The state of each command, in the order of the commands."""
        return [process.status for process in self._processes]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Supervised:
    """One command with the thread that watches it and its current process."""

    def __init__(self, command: Command, backoff: Backoff) -> None:
        self._command = command
        self._backoff = backoff
        self._failures: Failures = ()
        self._restarts = 0
        self._state: State = "waiting"
        self._process: Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._starting = threading.Lock()  # held while starting, so that stop misses no process
        self._thread = threading.Thread(target=self._watch, name=command.name, daemon=True)

    @property
    def status(self) -> Status:
        process = self._process
        pid = process.pid if process and self._state == "running" else None
        return Status(self._command.name, self._state, pid, self._restarts)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        with self._starting:
            self._stopping.set()
            if self._process:
                self._process.terminate()

    def join(self, deadline: float) -> None:
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive() and self._process:
            _log.warning(f"{self._command.name} did not stop in time and was killed")
            self._process.kill()
            self._thread.join()

    def kill(self) -> int | None:
        process = self._process
        if process is None or process.poll() is not None:
            return None
        process.kill()
        return process.pid

    def _watch(self) -> None:
        while (process := self._spawn()) is not None:
            code = process.wait()
            is_finished = code == 0 or self._stopping.is_set()
            self._state = "finished" if is_finished else "waiting"
            if is_finished or not self._waits_for_restart(code):
                return
            self._restarts += 1

    def _spawn(self) -> "Popen[bytes] | None":
        """Start the process; return None if it should stop or can't be started."""
        with self._starting, ExitStack() as files:
            if self._stopping.is_set():
                return None
            log = self._command.log
            output = files.enter_context(log.open("ab")) if log else None
            try:
                process = spawn(self._command.argv, output=output, environ=self._command.environ)
            except OSError as error:
                self._state = "given up"
                _log.error(f"{self._command.name} can't be started: {error}")
                return None
            self._process = process
            self._state = "running"
            return process

    def _waits_for_restart(self, code: int) -> bool:
        """Wait until the restart is due; return False if there shall be none."""
        if code == AGAIN:
            _log.info(f"{self._command.name} asks to be started again")
            return not self._stopping.wait(self._backoff.first_seconds)

        ending = f"{self._command.name} {describe_exit(code)}"
        self._failures, verdict = after_failure(self._backoff, self._failures, time.monotonic())
        if isinstance(verdict, GiveUp):
            self._state = "given up"
            _log.error(f"{ending}; giving up after {len(self._failures)} recent failures")
            return False
        _log.warning(f"{ending}; starting it again in {verdict.delay:.3g} s")
        return not self._stopping.wait(verdict.delay)
