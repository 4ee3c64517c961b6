"""The stories that a subject was told of lately, so that ten wires of one count once.

>>> lately = RecentStories()
>>> lately.novel(0b1111 << 40, 0), lately.novel(0b0111 << 40, 5), lately.novel((1 << 64) - 1, 6)
(True, False, True)
>>> lately.novel(0b1111 << 40, 6 + FORGET)
True
"""

from dataclasses import dataclass, field
from typing import Final

from detection.stories.simhash import NEAR

MOST: Final = 10
FORGET: Final = 48
"""Bins without a further telling after which a story is news again."""


@dataclass(slots=True)
class RecentStories:
    """Fingerprints and the bin of the last telling, oldest first."""

    told: list[tuple[int, int]] = field(default_factory=list)

    def novel(self, story: int, number: int) -> bool:
        """Note a telling in a bin; whether it is the first. One without a fingerprint always is."""
        if not story:
            return True
        told = self.told
        for known in reversed(told):
            if (story ^ known[0]).bit_count() <= NEAR:
                other, last = known
                told.remove(known)
                told.append((other, max(last, number)))
                return number - last >= FORGET
        told.append((story, number))
        if len(told) > MOST:
            del told[0]
        return True
