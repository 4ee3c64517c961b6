"""A batch that does not fit the device is halved until it does."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from nlp.classifier import OutOfMemory

T = TypeVar("T")
R = TypeVar("R")


def halve_on_oom(
    run: Callable[[Sequence[T]], list[R]], batch: Sequence[T], too_much: type[Exception]
) -> list[R]:
    """Results of ``run``, called with halves of ``batch`` where it raises ``too_much``.

    Raises:
        OutOfMemory: one item alone is too much.
    """
    try:
        return run(batch)
    except too_much as error:
        if len(batch) == 1:
            raise OutOfMemory(f"one text does not fit the device: {error}") from error
    half = len(batch) // 2
    return halve_on_oom(run, batch[:half], too_much) + halve_on_oom(run, batch[half:], too_much)
