"""The share of the input files that was read, by their bytes, packed or not."""

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from infra.input.input_files import STDIN


class _Positioned(Protocol):
    @property
    def closed(self) -> bool: ...

    def tell(self) -> int: ...


class ReadShare:
    """Counts bytes; it knows no share if one of the files is a pipe.

    Standard input may be a file too, when a shell redirects it.
    """

    def __init__(self, files: Sequence[str]) -> None:
        sizes = [_size(file) for file in files]
        self._total = 0 if None in sizes else sum(size or 0 for size in sizes)
        self._before = self._size = 0
        self._current: _Positioned | None = None

    def opened(self, file: str, stream: _Positioned) -> None:
        """Note that ``file`` is read from now on, and the one before it to its end."""
        self._before += self._size
        self._size, self._current = _size(file) or 0, stream

    @property
    def value(self) -> float:
        """Return the share, 0 to 1; 0 if it is not known."""
        stream = self._current
        if stream is None or not self._total:
            return 0.0
        try:
            position = self._size if stream.closed else stream.tell()
        except ValueError:  # closed meanwhile, by the thread that reads
            position = self._size
        return min(1.0, (self._before + position) / self._total)


def _size(file: str) -> int | None:
    try:
        status = os.fstat(sys.stdin.fileno()) if file == STDIN else Path(file).stat()
    except (OSError, ValueError):  # ValueError: it is closed
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
