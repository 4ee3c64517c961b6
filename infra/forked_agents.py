"""Work divided over processes that live and end together.

They are forked, not started anew: what is imported is shared, and nothing is read twice. Nothing
may have started a thread or an event loop before.
"""

import asyncio
import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final, Never

Pids = Mapping[int, str]

GRACE_SECONDS: Final = 30.0
"""Longer than a stage takes to commit what it has decided and to leave its group."""
_PR_SET_PDEATHSIG: Final = 1


def can_divide() -> bool:
    """Whether processes here can be tied to the life of their parent: on Linux."""
    return sys.platform == "linux"


def divide(names: Iterable[str], work: Callable[[str], None]) -> Pids:
    """A process for each of ``names`` that calls ``work`` with it; their ids.

    It ends with 0 when ``work`` returns, with 1 when it raises, with the code of a `SystemExit`,
    and is killed when this process ends, however that comes about.
    """
    parent = os.getpid()
    pids: dict[int, str] = {}
    for name in names:
        pid = os.fork()
        if pid == 0:
            _child(parent, partial(work, name))
        pids[pid] = name
    return pids


async def together(pids: Pids, stop: asyncio.Event) -> int:
    """Wait for all of ``pids``; as soon as one ends or ``stop`` is set, all are told to end.

    Returns the exit code for this process: 0, or that of the first that failed, 128 and the
    signal's number for one that was killed.
    """
    waits = [asyncio.create_task(asyncio.to_thread(os.waitpid, pid, 0)) for pid in pids]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([*waits, stopping], return_when=asyncio.FIRST_COMPLETED)
    code = _first_failure(waits)
    _signal(pids, waits, signal.SIGTERM)
    _, hanging = await asyncio.wait(waits, timeout=GRACE_SECONDS)
    if hanging:
        _signal(pids, waits, signal.SIGKILL)
        await asyncio.wait(waits)
    stopping.cancel()
    return code or _first_failure(waits)


def _signal(pids: Pids, waits: Iterable["asyncio.Task[tuple[int, int]]"], number: int) -> None:
    for pid, wait in zip(pids, waits, strict=True):
        if not wait.done():
            os.kill(pid, number)


def _first_failure(waits: Iterable["asyncio.Task[tuple[int, int]]"]) -> int:
    return next((code for wait in waits if wait.done() and (code := _code(wait))), 0)


def _code(ended: "asyncio.Task[tuple[int, int]]") -> int:
    code = os.waitstatus_to_exitcode(ended.result()[1])
    return code if code >= 0 else 128 - code


def _child(parent: int, work: Callable[[], None]) -> Never:
    code = 1
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            work()
            code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException:  # noqa: BLE001 - there is no caller left to raise it to
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
