"""A lock between processes that the kernel releases when its holder dies."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def file_lock(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold an advisory lock (flock) on the file ``path``.

    On Windows nothing is locked: the callers stay correct there, but may do work twice.

    Raises:
        BlockingIOError: Another process holds the lock and ``wait`` is false.
    """
    with path.open("a") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
