"""Batches of similar length under a token budget.

A padded batch costs its longest text times its size. Sorted by length, hardly anything is padding,
and the budget bounds memory whatever the texts are like. Longest first: a device that is too small
fails at once, not at the end.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices of texts in batches whose padded size is within ``budget`` tokens.

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
    each: Callable[[Callable[[list[T]], list[R]], Iterable[list[T]]], Iterable[list[R]]] = map,
) -> Callable[[], list[R]]:
    """What waits for the results of ``run`` over batches of the items, in the items' own order.

    ``each`` is `map`, or something like it that runs several batches at once, from now on.
    """
    parts = list(batches(lengths, budget))
    answers = each(run, [[items[index] for index in batch] for batch in parts])

    def results() -> list[R]:
        found: dict[int, R] = {}
        for batch, rows in zip(parts, answers, strict=True):
            found |= zip(batch, rows, strict=True)
        return [found[index] for index in range(len(items))]

    return results
