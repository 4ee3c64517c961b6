"""External merge sort: sorts more items than fit into memory (Knuth, volume 3, section 5.4).

Sorted runs go to temporary files, and are merged.
"""

import heapq
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import IO, Any, Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")

MAX_ITEMS_IN_MEMORY: Final = 200_000
"""Default length of a sorted run; a signal takes about 1 KB."""


class SortFormat(NamedTuple, Generic[T]):
    """Order of items, and their form in a file, where each takes one line.

    Attributes:
        key: Returns the sort key of an item.
        write: Converts an item to bytes without a line feed.
        read: Undoes ``write``.
    """

    key: Callable[[T], Any]
    write: Callable[[T], bytes]
    read: Callable[[bytes], T]


def in_order(
    items: Iterable[T], form: SortFormat[T], max_items: int = MAX_ITEMS_IN_MEMORY
) -> Iterator[T]:
    """Yield ``items``, lowest key first; items with equal keys keep their order.

    At most ``max_items`` are in memory. If there are no more, no file is written. Temporary files
    are removed afterwards.

    >>> form = SortFormat(key=abs, write=lambda number: b"%d" % number, read=int)
    >>> list(in_order([3, -1, 2, 0, -2], form, max_items=2))
    [0, -1, 2, -2, 3]
    """
    source = iter(items)
    first = sorted(islice(source, max_items), key=form.key)
    following = list(islice(source, 1))
    if not following:
        yield from first
        return
    with ExitStack() as files:
        runs = [_write_run(first, form, files)]
        while chunk := [*following, *islice(source, max_items - len(following))]:
            following = []
            runs.append(_write_run(sorted(chunk, key=form.key), form, files))
        items_of_runs = [(form.read(line.rstrip(b"\n")) for line in file) for file in runs]
        yield from heapq.merge(*items_of_runs, key=form.key)


def _write_run(chunk: Iterable[T], form: SortFormat[T], files: ExitStack) -> IO[bytes]:
    file = files.enter_context(tempfile.TemporaryFile(prefix="newsquake-"))  # noqa: SIM115 - the stack closes it
    file.writelines(form.write(item) + b"\n" for item in chunk)
    file.seek(0)
    return file
