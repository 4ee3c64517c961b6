"""Input files as bytes: plain or gzip, named or standard input."""

import gzip
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

from infra.usage_error import UsageError

STDIN = "-"
_GZIP_MAGIC = b"\x1f\x8b"
_BUFFER_BYTES = 1 << 17
Opened = Callable[[str, BinaryIO], None]
"""Receives the name of a file that was opened, and its stream."""


@contextmanager
def open_input(file: str, opened: Opened | None = None) -> Iterator[BufferedReader]:
    """Open ``file`` for reading; unpack gzip, which is recognised by its first bytes.

    ``opened`` gets its name, and the stream of its bytes as they are.

    Raises:
        UsageError: The file can't be opened.
        OSError: The file can't be read to its end.
    """
    try:
        raw = sys.stdin.buffer if file == STDIN else Path(file).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise UsageError(f"{file}: can't be read: {error.strerror}") from None
    with raw:
        if opened:
            opened(file, raw)
        stream = raw if isinstance(raw, BufferedReader) else BufferedReader(cast("RawIOBase", raw))
        if stream.peek(2).startswith(_GZIP_MAGIC):
            unpacked = cast("BinaryIO", gzip.GzipFile(fileobj=stream))
            stream = BufferedReader(unpacked, _BUFFER_BYTES)
        try:
            yield stream
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise OSError(f"{file}: is not a whole gzip file: {error}") from None


def stem(file: str) -> str | None:
    """Return the file's name without folders and known endings; None for standard input.

    >>> stem("/data/reuters.2024.csv.gz")
    'reuters.2024'
    """
    if file == STDIN:
        return None
    name = Path(file).name
    for ending in (".gz", ".csv", ".jsonl", ".ndjson", ".json"):
        name = name.removesuffix(ending)
    return name or None
