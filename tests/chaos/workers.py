"""Real workers, each started again when it dies."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from infra.backoff import Backoff
from infra.supervisor import Command, Supervisor

_BACKOFF = Backoff(first_seconds=0.3, max_seconds=1.0, max_failures=10_000)
_COMMAND = (sys.executable, "-c", "from cli.main import app; app()", "worker")


class Workers:
    """Workers with the same settings, in slots that are numbered from 0."""

    def __init__(
        self,
        environ: Mapping[str, str],
        directory: Path,
        count: int,
        argv: Sequence[str] = _COMMAND,
    ) -> None:
        self.count = count
        self._environ = environ
        self._argv = argv
        self._logs = [directory / f"worker-{slot}.log" for slot in range(count)]
        self._supervisors: list[Supervisor | None] = [None] * count

    @property
    def text(self) -> str:
        """The output of all workers so far."""
        return "".join(log.read_text(errors="replace") for log in self._logs if log.exists())

    @property
    def events(self) -> list[dict[str, Any]]:
        """The structured lines of all workers so far."""
        lines = [line for line in self.text.splitlines() if line[:1] == "{" and line[-1:] == "}"]
        return [orjson.loads(line) for line in lines]

    def start(self, slot: int) -> None:
        """Start a worker."""
        name = f"worker-{slot}"
        command = Command(name, self._argv, self._environ, self._logs[slot])
        supervisor = self._supervisors[slot] = Supervisor([command], backoff=_BACKOFF, grace=20.0)
        supervisor.start()

    async def stop(self, slot: int) -> float:
        """Stop a worker with SIGTERM; return the seconds that it took."""
        supervisor, self._supervisors[slot] = self._supervisors[slot], None
        began = time.monotonic()
        if supervisor:
            await asyncio.to_thread(supervisor.stop)
        return time.monotonic() - began

    async def stop_all(self) -> None:
        """Stop all workers at the same time."""
        await asyncio.gather(*(self.stop(slot) for slot in range(self.count)))

    def start_all(self) -> None:
        """Start all workers that do not run."""
        for slot in range(self.count):
            if self._supervisors[slot] is None:
                self.start(slot)

    async def pid(self, slot: int) -> int:
        """Wait until the process of a worker runs, and return its id."""
        while True:
            supervisor = self._supervisors[slot]
            if supervisor and (pid := supervisor.status[0].pid) is not None:
                return pid
            await asyncio.sleep(0.1)

    async def kill(self, slot: int, *, for_good: bool = False) -> None:
        """Kill a worker with SIGKILL; its processes die with it."""
        pid = await self.pid(slot)
        supervisor = self._supervisors[slot]
        if for_good and supervisor:
            self._supervisors[slot] = None
            os.kill(pid, signal.SIGSTOP)  # SIGTERM must not be heard before SIGKILL
            stopping = asyncio.create_task(asyncio.to_thread(supervisor.stop))
            await asyncio.sleep(0.05)
            os.kill(pid, signal.SIGKILL)
            await stopping
        else:
            os.kill(pid, signal.SIGKILL)

    async def children(self, slot: int) -> list[int]:
        """Wait until the agents of a worker run, and return the ids of their processes."""
        while not (children := _children(await self.pid(slot))):  # noqa: ASYNC110 - the kernel's
            await asyncio.sleep(0.1)
        return children

    @staticmethod
    async def freeze(pids: Sequence[int], seconds: float) -> None:
        """Stop processes for some time, and let them go on."""
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            if number is signal.SIGSTOP:
                await asyncio.sleep(seconds)


def _children(pid: int) -> list[int]:
    """Return the ids of the processes that a process has started; none if it is gone."""
    with suppress(FileNotFoundError):
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        return [int(child) for task in tasks for child in task.read_text().split()]
    return []
