"""A lock between processes that the kernel lifts when its holder dies."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def file_lock(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock file ``path``; without ``wait`` a held lock is an error.

    Advisory (flock). On Windows nothing is locked: what the callers protect stays correct, only
    work is done twice.

    Raises:
        BlockingIOError: somebody else holds it and ``wait`` is false.
    """
    with path.open("a") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
