"""Child processes that do not outlive the process that started them."""

import os
import signal
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
_DIE_WITH_PARENT = (
    "import ctypes,os,sys\n"
    "ctypes.CDLL(None).prctl(1,9)\n"
    "if os.getppid()!=int(sys.argv[1]): os._exit(1)\n"
    "os.execvp(sys.argv[2],sys.argv[2:])"
)


def spawn(
    argv: Sequence[str],
    *,
    output: IO[bytes] | None = None,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``argv`` and return its process; stdout and stderr go to ``output`` (default: ours).

    On Linux the child is killed when this process dies, even by SIGKILL (``PR_SET_PDEATHSIG``);
    elsewhere it survives a killed parent. The child has its own session, so that Ctrl-C reaches
    only the parent, which then ends the child in order.

    Linux ties the child's life to the *thread* that started it. The child is therefore started by
    a thread that lives as long as the child does, and any thread may call this function.

    Raises:
        OSError: The interpreter or the directory does not exist.
    """
    process: Future[subprocess.Popen[bytes]] = Future()
    command = list(argv)
    if sys.platform == "linux":
        own_pid = str(os.getpid())
        command = [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, own_pid, *argv]

    def start_and_wait() -> None:
        try:
            child = subprocess.Popen(  # noqa: S603 - argv is ours, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environ,
                cwd=directory,
                start_new_session=True,
            )
        except OSError as error:
            process.set_exception(error)
            return
        process.set_result(child)
        child.wait()

    threading.Thread(target=start_and_wait, name="parent of a child", daemon=True).start()
    return process.result()


def describe_exit(code: int) -> str:
    """Return the end of a process in words; a negative code is the signal that killed it."""
    if code >= 0:
        return f"exited with {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal
        return f"was killed by signal {-code}"
