"""Keeps worker processes running where neither compose nor Kubernetes does: in the demo."""

import signal
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Self

import structlog

from infra.backoff import Backoff, Failures, GiveUp, after_failure
from infra.child_process import spawn

if TYPE_CHECKING:
    from subprocess import Popen

_log = structlog.get_logger(__name__)

AGAIN: Final = 75
"""Exit code of a command that wants to be started again, which is no failure: EX_TEMPFAIL."""

State = Literal["waiting", "running", "finished", "given up"]


class Command(NamedTuple):
    """What to keep running. Its output goes to the end of ``log``, by default where ours goes."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str] | None = None
    log: Path | None = None


class Status(NamedTuple):
    """How a command is doing; ``pid`` is there while it runs."""

    name: str
    state: State
    pid: int | None
    restarts: int


class Supervisor:
    """Starts commands and starts those again that fail; one that ends with 0 is done.

    The processes die with this one, however it ends (on Linux). Use it as a context manager, or
    call `start` and `stop`.
    """

    def __init__(
        self, commands: Iterable[Command], *, backoff: Backoff | None = None, grace: float = 10.0
    ) -> None:
        self._kept = [_Kept(command, backoff or Backoff()) for command in commands]
        self._grace = grace

    def start(self) -> None:
        """Start all commands; they are watched in threads of their own."""
        for kept in self._kept:
            kept.start()

    def stop(self) -> None:
        """SIGTERM to all, and after ``grace`` seconds SIGKILL to those that are still there."""
        for kept in self._kept:
            kept.ask_to_stop()
        deadline = time.monotonic() + self._grace
        for kept in self._kept:
            kept.join(deadline)

    def kill(self, index: int) -> int | None:
        """SIGKILL the command with that index; its pid, or None when it was not running."""
        return self._kept[index].kill()

    @property
    def status(self) -> list[Status]:
        """How each command is doing, in their order."""
        return [kept.status for kept in self._kept]

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


class _Kept:
    """One command, its thread and its process of the moment."""

    def __init__(self, command: Command, backoff: Backoff) -> None:
        self._command = command
        self._backoff = backoff
        self._failures: Failures = ()
        self._restarts = 0
        self._state: State = "waiting"
        self._process: Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._starting = threading.Lock()  # held so that stop never misses a process
        self._thread = threading.Thread(target=self._keep, name=command.name, daemon=True)

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

    def _keep(self) -> None:
        while self._spawn():
            if not self._is_wanted_after(self._wait()):
                return
            self._restarts += 1

    def _spawn(self) -> bool:
        with self._starting, ExitStack() as files:
            if self._stopping.is_set():
                return False
            log = self._command.log
            output = files.enter_context(log.open("ab")) if log else None
            try:
                self._process = spawn(
                    self._command.argv, output=output, environ=self._command.environ
                )
            except OSError as error:
                self._state = "given up"
                _log.error(f"{self._command.name} can't be started: {error}")
                return False
            self._state = "running"
            return True

    def _wait(self) -> int:
        code = self._process.wait() if self._process else 0
        self._state = "finished" if code == 0 or self._stopping.is_set() else "waiting"
        return code

    def _is_wanted_after(self, code: int) -> bool:
        if self._state == "finished":
            return False
        if code == AGAIN:
            _log.info(f"{self._command.name} wants to be started again")
            return not self._stopping.wait(self._backoff.first)
        what = f"{self._command.name} {_ending(code)}"
        self._failures, verdict = after_failure(self._backoff, self._failures, time.monotonic())
        if isinstance(verdict, GiveUp):
            self._state = "given up"
            _log.error(f"{what}; giving up after {len(self._failures)} failures of late")
            return False
        _log.warning(f"{what}; starting it again in {verdict.delay:.3g} s")
        return not self._stopping.wait(verdict.delay)


def _ending(code: int) -> str:
    if code >= 0:
        return f"exited with {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
