"""Pseudo-random choices that come out the same on every platform and Python version.

Python promises to keep only ``Random.random()`` stable from release to release; ``choice``,
``randrange`` and ``shuffle`` have changed before. The C library's ``log`` and ``exp`` differ in
the last bit between platforms. So this module uses only ``random()``, exact arithmetic and
comparisons.
"""

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """One seeded stream of choices.

    Args:
        seed: Values with a stable ``str``. Give each part of a generator its own seed, so that a
            change in one part leaves the others as they were.
    """

    def __init__(self, *seed: object) -> None:
        self._random = Random("/".join(map(str, seed)))  # noqa: S311 - invented news, no secret

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return self._random.random()

    def chance(self, percent: float) -> bool:
        """Return True in ``percent`` of a hundred cases."""
        return self.fraction() * 100 < percent

    def between(self, low: int, high: int) -> int:
        """Return an integer from ``low`` to ``high``, both included."""
        return low + int(self.fraction() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """Return one of ``items``, each equally likely."""
        return items[int(self.fraction() * len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """Return one of ``items`` in proportion to ``weights``."""
        sums = list(accumulate(weights))
        point = self.fraction() * sums[-1]
        return next(
            (item for item, edge in zip(items, sums, strict=True) if point < edge), items[-1]
        )

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return ``items`` in a random order."""
        tickets = [(self.fraction(), index) for index in range(len(items))]
        return [items[index] for _, index in sorted(tickets)]
