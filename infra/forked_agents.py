"""Agents divided over forked processes that live and end together (Linux only).

The processes are forked, not started afresh: imported modules are shared and read only once.
The parent must not have started a thread or an event loop before it forks.
"""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final, Never

import structlog

Pids = Mapping[int, str]
"""Process id to the name of the agent that runs in it."""

GRACE_SECONDS: Final = 30.0
"""Time to end after SIGTERM: more than an agent needs to commit and to leave its group."""

_PR_SET_PDEATHSIG: Final = 1
"""Option of prctl(2): the signal that this process gets when its parent dies."""
_log = structlog.get_logger(__name__)


def can_fork() -> bool:
    """Return whether a process can be tied to the life of its parent: on Linux only."""
    return sys.platform == "linux"


def fork_each(names: Iterable[str], work: Callable[[str], None]) -> Pids:
    """Fork a process for each of ``names`` that calls ``work(name)``; return their ids.

    A process exits with 0 when ``work`` returns, with 1 when it raises, and with the code of a
    `SystemExit`. It is killed when this process ends, however that happens.
    """
    parent = os.getpid()
    pids: dict[int, str] = {}
    for name in names:
        pid = os.fork()
        if pid == 0:
            _run_and_exit(parent, partial(work, name))
        pids[pid] = name
    return pids


async def wait_for_all(pids: Pids, stop: asyncio.Event) -> int:
    """Wait for all processes; send SIGTERM to all as soon as one ends or ``stop`` is set.

    Processes that are still there after `GRACE_SECONDS` are killed.

    Returns:
        The exit code for this process: 0, or the code of the first process that failed. It is 128
        plus the signal's number for a process that was killed.
    """
    waits = [asyncio.create_task(asyncio.to_thread(os.waitpid, pid, 0)) for pid in pids]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([*waits, stopping], return_when=asyncio.FIRST_COMPLETED)
    code = _first_failure(waits)

    _signal_running(pids, waits, signal.SIGTERM)
    _, hanging = await asyncio.wait(waits, timeout=GRACE_SECONDS)
    if hanging:
        _signal_running(pids, waits, signal.SIGKILL)
        await asyncio.wait(waits)
    stopping.cancel()
    return code or _first_failure(waits)


def _signal_running(
    pids: Pids, waits: Iterable["asyncio.Task[tuple[int, int]]"], number: int
) -> None:
    for pid, wait in zip(pids, waits, strict=True):
        if not wait.done():
            os.kill(pid, number)


def _first_failure(waits: Iterable["asyncio.Task[tuple[int, int]]"]) -> int:
    """Return the first exit code that is not 0 of the processes that ended, else 0."""
    for wait in waits:
        if wait.done():
            code = os.waitstatus_to_exitcode(wait.result()[1])
            if code:
                return code if code > 0 else 128 - code
    return 0


def _run_and_exit(parent: int, work: Callable[[], None]) -> Never:
    code = 1
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            work()
            code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001 - there is no caller left to raise it to
        _log.exception("process failed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
