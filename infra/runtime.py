"""Settings of Python in a worker: event loop, garbage collector, allocator, thread switches."""

import asyncio
import ctypes
import gc
import sys
from typing import Final

_GC_THRESHOLDS: Final = (500_000, 5, 10)
"""Allocations before a collection of the young generation, and how many collections of one
generation precede one of the next; far above Python's defaults (see `collect_garbage_rarely`).

A batch in flight is some 100 000 objects. With a lower first threshold each batch is walked over
while all of it lives, which takes 20 ms and finds nothing."""

_SWITCH_SECONDS: Final = 0.0005
"""The time a thread may keep the interpreter while another waits: a tenth of Python's default.
A model's threads ask for it after each matrix product while the main thread handles articles; with
the default its cores would wait for milliseconds each time."""

_M_MMAP_THRESHOLD: Final = -3
_M_TRIM_THRESHOLD: Final = -1
_M_ARENA_MAX: Final = -8
"""Options of glibc's mallopt(3)."""
_MAX_KEPT_BYTES: Final = 4 << 20
"""Freed bytes that the allocator may keep at the end of its heap, and the block that has its own
pages; above a batch of records, which is reused."""


def use_uvloop() -> None:
    """Make asyncio use uvloop from now on, except on Windows, where there is none.

    This sets a policy and not a loop, since each of Faust's consumers makes a loop for its thread.
    """
    if sys.platform == "win32":
        return
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def return_freed_memory(*, has_model: bool) -> None:
    """Have the C library return what is freed to the system, where it is glibc.

    Otherwise it learns from the blocks that are freed: after some fetches of a megabyte it keeps up
    to 64 MB for the next ones. Each thread has a heap of its own, too, which only the threads of a
    model need: all others wait for the interpreter anyway.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return
    mallopt(_M_MMAP_THRESHOLD, _MAX_KEPT_BYTES)
    mallopt(_M_TRIM_THRESHOLD, _MAX_KEPT_BYTES)
    if not has_model:
        mallopt(_M_ARENA_MAX, 1)


def share_what_is_loaded() -> None:
    """Leave the objects that exist now alone, before this process forks.

    A collection writes into each object that it looks at. Pages that are written to are copied.
    """
    gc.collect()
    gc.freeze()


def collect_garbage_rarely() -> None:
    """Search for reference cycles rarely, and never among the objects that exist now.

    Thousands of records are in flight at a time, none of them part of a cycle. With Python's
    defaults, walking over them again and again took a tenth of the time of an agent.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def use_short_switch_interval() -> None:
    """Let threads take turns often, for a process in which a model runs in threads."""
    sys.setswitchinterval(_SWITCH_SECONDS)
