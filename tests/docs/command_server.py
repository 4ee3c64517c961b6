"""Runs many commands of Newsquake's without importing it for each of them anew.

``python -m tests.docs.command_server`` reads requests, a line of JSON each, and answers each with
a line. A command is a fork of this process, so it shares nothing with the next.
"""

import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

_ROOT: Final = Path(__file__).parents[2]
_PACKAGES: Final = ("cli", "aiokafka", "infra.settings", "agents", "streams.kafka")
_ended: Final[dict[int, int]] = {}
"""The exit codes of the commands that have ended, by process: the kernel tells them once."""


class CommandServer:
    """A process that runs commands; its block ends it."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.docs.command_server"],
            cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def start(
        self, words: Sequence[str], environment: Mapping[str, str], folder: Path, output: Path
    ) -> int:
        """Start a command, and return its process id; what it prints goes to ``output``."""
        return int(self._ask(["start", words, dict(environment), str(folder), str(output)]))

    def code(self, process: int) -> int | None:
        """Return the exit code of a command; None while it runs."""
        code = self._ask(["code", process])
        return None if code is None else int(code)

    def _ask(self, request: list[Any]) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def become(words: list[str], environment: dict[str, str], folder: str, output: str) -> None:
    """Be the command that ``words`` say, to its end."""
    from cli.main import app

    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells ignore it in the background
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for opened, standard in ((nothing, 0), (file, 1), (file, 2)):
        os.dup2(opened, standard)
    sys.argv = ["newsquake", *words]
    app()


def start(*request: Any) -> int:
    """Fork, and return the process id of the command."""
    process = os.fork()
    if process == 0:
        become(*request)
    return process


def code(process: int) -> int | None:
    """Return the exit code of a command; None while it runs."""
    if process not in _ended:
        ended, status = os.waitpid(process, os.WNOHANG)
        if not ended:
            return None
        _ended[process] = os.waitstatus_to_exitcode(status)
    return _ended[process]


def main() -> None:
    """Answer requests until there are no more."""
    for package in _PACKAGES:
        module = importlib.import_module(package)
        for each in pkgutil.iter_modules(module.__path__, f"{package}."):
            importlib.import_module(each.name)
    answers: dict[str, Callable[..., object]] = {"start": start, "code": code}
    for line in sys.stdin:
        kind, *request = json.loads(line)
        print(json.dumps(answers[kind](*request)), flush=True)  # noqa: T201 - the protocol


if __name__ == "__main__":
    main()
