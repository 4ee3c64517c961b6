"""Threads that each run batches of their own, on one processor core each.

Two forward passes side by side, each on one core, beat one pass on two cores: by a tenth if the
machine is idle, and by a third if another process takes half a core. Threads that share a matrix
product wait for the slowest of them after every layer.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from nlp.inference.runtime import Runtime

T = TypeVar("T")
R = TypeVar("R")


class SingleCorePool:
    """A pool of ``count`` threads. With one, the calling thread does all the work on all cores."""

    def __init__(self, runtime: Runtime, count: int) -> None:
        self.count = count
        self._threads = _start_threads(runtime, count) if count > 1 else None

    def map(self, run: Callable[[T], R], batches: Iterable[T]) -> Iterable[R]:
        """Return the results of ``run`` in order.

        The first failure is raised, and batches that have not begun are cancelled.

        Raises:
            Exception: whatever ``run`` raised.
        """
        return self._threads.map(run, batches) if self._threads else map(run, batches)


def _start_threads(runtime: Runtime, count: int) -> ThreadPoolExecutor:
    """Start ``count`` threads with one core each; the calling thread keeps its number of cores."""
    cores = runtime.cores
    threads = ThreadPoolExecutor(
        count, "newsquake-forward", initializer=runtime.use_cores, initargs=(1,)
    )

    # An executor starts a thread only while none is idle, so all of them have to wait for another.
    all_started = Barrier(count)
    for waiting in [threads.submit(all_started.wait) for _ in range(count)]:
        waiting.result()

    # PyTorch takes the number that a thread sets for the number of all threads.
    runtime.use_cores(cores)
    return threads
