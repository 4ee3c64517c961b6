"""Child processes that do not outlive the process that started them."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO

# Runs in the child before the real program takes its place. It asks the kernel for a SIGKILL when
# the parent dies, which survives exec, and then looks whether the parent died before it asked.
# A program rather than a preexec_fn: code between fork and exec can deadlock in a threaded parent.
_BIND = (
    "import ctypes,os,sys\n"
    "ctypes.CDLL(None).prctl(1,9)\n"
    "if os.getppid()!=int(sys.argv[1]): os._exit(1)\n"
    "os.execvp(sys.argv[2],sys.argv[2:])"
)


def bound(argv: Sequence[str]) -> list[str]:
    """The command that runs ``argv`` and dies with this process, even when that is killed with -9.

    Linux only (``PR_SET_PDEATHSIG``); elsewhere it is ``argv``, and survives a killed parent.
    """
    if sys.platform != "linux":
        return list(argv)
    return [sys.executable, "-I", "-S", "-c", _BIND, str(os.getpid()), *argv]


def spawn(
    argv: Sequence[str],
    *,
    output: IO[bytes] | None = None,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``argv``, its output and errors going to ``output`` (default: where ours go).

    The child has its own session, so that Ctrl-C reaches only the parent, which ends it in order.
    Linux ties the child's life to the *thread* that started it; here that is one which lives as
    long as the child does, so that this may be called from any thread.

    Raises:
        OSError: the interpreter or the directory does not exist.
    """
    started: Future[subprocess.Popen[bytes]] = Future()

    def keep() -> None:
        try:
            process = subprocess.Popen(  # noqa: S603 - argv is ours, no shell
                bound(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environ,
                cwd=directory,
                start_new_session=True,
            )
        except OSError as error:
            started.set_exception(error)
            return
        started.set_result(process)
        process.wait()

    threading.Thread(target=keep, name="keeps a child", daemon=True).start()
    return started.result()
