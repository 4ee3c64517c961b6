"""Batches of similar length under a token budget.

A padded batch costs the length of its longest text times the number of its texts. Texts are sorted
by length, so that hardly any padding is needed, and the budget bounds the memory whatever the texts
are like. The longest texts come first: a device that is too small fails at once, not at the end.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from nlp.classifier import OutOfMemory

T = TypeVar("T")
R = TypeVar("R")


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield the indices of each batch, whose padded size is at most ``budget`` tokens.

    A text longer than the budget makes a batch of its own.

    >>> list(batches([3, 9, 4, 1], budget=8))
    [[1], [2, 0], [3]]
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def in_batches(
    items: Sequence[T],
    lengths: Sequence[int],
    budget: int,
    run: Callable[[list[T]], list[R]],
    map_batches: Callable[
        [Callable[[list[T]], list[R]], Iterable[list[T]]], Iterable[list[R]]
    ] = map,
) -> Callable[[], list[R]]:
    """Submit all batches and return a function that blocks until the results are there.

    The results are in the order of the items. ``map_batches`` is `map`, which runs a batch when
    its results are asked for, or a function of the same form that runs several batches at once
    from now on.
    """
    indices = list(batches(lengths, budget))
    answers = map_batches(run, [[items[index] for index in batch] for batch in indices])

    def results() -> list[R]:
        by_index: dict[int, R] = {}
        for batch, rows in zip(indices, answers, strict=True):
            by_index |= zip(batch, rows, strict=True)
        return [by_index[index] for index in range(len(items))]

    return results


def halve_on_oom(
    run: Callable[[Sequence[T]], Sequence[R]],
    batch: Sequence[T],
    is_out_of_memory: Callable[[Exception], bool],
) -> list[R]:
    """Return the results of ``run``, called with halves of ``batch`` if the device is too small.

    Raises:
        OutOfMemory: a single item does not fit the device.
    """
    try:
        return list(run(batch))
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        if len(batch) == 1:
            raise OutOfMemory(f"one text does not fit the device: {error}") from error
    # Outside of the handler: its traceback would keep the failed batch in memory.
    half = len(batch) // 2
    return [
        *halve_on_oom(run, batch[:half], is_out_of_memory),
        *halve_on_oom(run, batch[half:], is_out_of_memory),
    ]
