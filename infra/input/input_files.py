"""Input files as bytes: plain or gzip, named or standard input."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from infra.usage_error import UsageError

STDIN = "-"
_GZIP = b"\x1f\x8b"


@contextmanager
def open_input(file: str) -> Iterator[BufferedReader]:
    """The bytes of ``file``, unpacked when they begin like gzip, whatever the name says.

    Raises:
        UsageError: it can't be opened.
        OSError: it can't be read to its end.
    """
    try:
        raw = sys.stdin.buffer if file == STDIN else Path(file).open("rb")  # noqa: SIM115 - the caller closes it
    except OSError as error:
        raise UsageError(f"{file}: can't be read: {error.strerror}") from None
    with raw:
        try:
            yield _unpacked(cast("BufferedReader", raw))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise OSError(f"{file}: is not a whole gzip file: {error}") from None


def _unpacked(raw: BufferedReader) -> BufferedReader:
    if not raw.peek(2).startswith(_GZIP):
        return raw
    return BufferedReader(cast("BinaryIO", gzip.GzipFile(fileobj=raw)), 1 << 17)  # type: ignore[arg-type]


def stem(file: str) -> str | None:
    """The file's name without folders and the endings of its form; None for standard input.

    >>> stem("/data/reuters.2024.csv.gz")
    'reuters.2024'
    """
    if file == STDIN:
        return None
    name = Path(file).name
    for ending in (".gz", ".csv", ".jsonl", ".ndjson", ".json"):
        name = name.removesuffix(ending)
    return name or None
