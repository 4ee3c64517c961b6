"""Threads that each run batches of their own, on one processor core each.

Two forward passes side by side, each on one core, beat one pass on two cores: by a tenth when the
machine is idle and by a third when something else takes half a core, since threads that share a
matrix product wait for the slowest of them after every layer.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Final, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_NAME: Final = "newsquake-lane"


class SingleCorePool:
    """``count`` threads; with one, all is done in the thread that asks, on all its cores."""

    def __init__(self, torch: Any, count: int) -> None:
        self.count = count
        self._pool = _single(torch, count) if count > 1 else None

    def map(self, run: Callable[[T], R], parts: Iterable[T]) -> Iterable[R]:
        """Results of ``run``, in order; the first failure is raised, and what has not begun is not.

        Raises:
            Exception: whatever ``run`` raised.
        """
        return self._pool.map(run, parts) if self._pool else map(run, parts)


def _single(torch: Any, count: int) -> ThreadPoolExecutor:
    """A pool in whose threads torch uses one core; elsewhere it goes on with as many as before."""
    before = torch.get_num_threads()

    def alone() -> None:
        torch.get_num_threads()  # else the first operation resets the thread to the global number
        torch.set_num_threads(1)

    pool = ThreadPoolExecutor(count, _NAME, initializer=alone)
    _fill(pool, count)
    torch.set_num_threads(before)
    return pool


def _fill(pool: ThreadPoolExecutor, count: int) -> None:
    """Make all of the threads now: a pool makes one only while none is idle."""
    together = Barrier(count)
    for waited in [pool.submit(together.wait) for _ in range(count)]:
        waited.result()
