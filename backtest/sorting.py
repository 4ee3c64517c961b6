"""Sorting more than memory holds: sorted runs on disk, merged (Knuth, volume 3, 5.4)."""

import heapq
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import IO, Any, Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")

RUN: Final = 200_000
"""Items held in memory; about 1 KB each."""


class Form(NamedTuple, Generic[T]):
    """How items are ordered, and how they are kept in a file: as one line each."""

    key: Callable[[T], Any]
    write: Callable[[T], bytes]
    read: Callable[[bytes], T]


def in_order(items: Iterable[T], form: Form[T], run: int = RUN) -> Iterator[T]:
    """``items``, least key first; equal keys keep their order. At most ``run`` are in memory.

    What fits into one run never touches the disk; more goes to temporary files, gone afterwards.

    >>> form = Form(key=abs, write=lambda it: b"%d" % it, read=int)
    >>> list(in_order([3, -1, 2, 0, -2], form, run=2))
    [0, -1, 2, -2, 3]
    """
    source = iter(items)
    first = sorted(islice(source, run), key=form.key)
    rest = list(islice(source, 1))
    if not rest:
        yield from first
        return
    with ExitStack() as files:
        runs = [_written(first, form, files)]
        while chunk := [*rest, *islice(source, run - len(rest))]:
            rest = []
            runs.append(_written(sorted(chunk, key=form.key), form, files))
        yield from heapq.merge(*(_read(file, form) for file in runs), key=form.key)


def _written(chunk: Iterable[T], form: Form[T], files: ExitStack) -> IO[bytes]:
    file = files.enter_context(tempfile.TemporaryFile(prefix="newsquake-"))  # noqa: SIM115 - the stack closes it
    file.writelines(form.write(item) + b"\n" for item in chunk)
    file.seek(0)
    return file


def _read(file: IO[bytes], form: Form[T]) -> Iterator[T]:
    for line in file:
        yield form.read(line.rstrip(b"\n"))
