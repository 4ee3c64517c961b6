"""The pattern of the week: how much busier than usual each of its 168 bins is.

A bin's factor is shrunk towards that of the same bin of any working day, or of any day of the
weekend, and that one towards 1, so that the first days already know the night.

>>> week = WeeklyProfile()
>>> for hour in range(14 * 24):
...     week.learn(hour % WEEK, 3.0 if 8 <= hour % 24 < 16 else 0.0, 1.0)
>>> week.factor(10) > 1.9 > 0.5 > week.factor(20)
True
"""

from array import array
from dataclasses import dataclass, field
from typing import Final

from detection.expected.bin_clock import WEEK

DAY: Final = 24
KINDS: Final = 2 * DAY
"""Bins of a working day, then of a day of the weekend."""
SHRINKAGE: Final = 2.0
"""Weeks, and days, that the coarser pattern weighs against the finer one."""
FADE: Final = 1.0 - 1.0 / 60.0
"""What a week leaves of the weight of those before it."""
KIND_FADE: Final = 1.0 - 1.0 / 300.0
"""The same for a day, in the pattern of days of its kind."""


@dataclass(slots=True)
class WeeklyProfile:
    """Forgetting sums of how busy each bin was, and of their weights."""

    busy: list[float] = field(default_factory=lambda: [0.0] * WEEK)
    weight: list[float] = field(default_factory=lambda: [0.0] * WEEK)
    kind_busy: list[float] = field(default_factory=lambda: [0.0] * KINDS)
    kind_weight: list[float] = field(default_factory=lambda: [0.0] * KINDS)

    def factor(self, place: int) -> float:
        """How busy the bin ``place`` of the week is; 1 is the mean."""
        kind = _kind(place)
        coarse = (self.kind_busy[kind] + SHRINKAGE) / (self.kind_weight[kind] + SHRINKAGE)
        return (self.busy[place] + SHRINKAGE * coarse) / (self.weight[place] + SHRINKAGE)

    def learn(self, place: int, busy: float, weight: float) -> None:
        """Count a bin that was ``busy`` times as busy as usual, known with ``weight``."""
        kind = _kind(place)
        self.busy[place] = self.busy[place] * FADE + busy * weight
        self.weight[place] = self.weight[place] * FADE + weight
        self.kind_busy[kind] = self.kind_busy[kind] * KIND_FADE + busy * weight
        self.kind_weight[kind] = self.kind_weight[kind] * KIND_FADE + weight

    def to_bytes(self) -> bytes:
        """Eight bytes a number."""
        return b"".join(array("d", sums).tobytes() for sums in self._sums())

    def recall(self, data: bytes) -> None:
        """Undo `to_bytes`."""
        for sums in self._sums():
            length = 8 * len(sums)
            sums[:], data = array("d", data[:length]).tolist(), data[length:]

    def _sums(self) -> list[list[float]]:
        return [self.busy, self.weight, self.kind_busy, self.kind_weight]


def _kind(place: int) -> int:
    return place % DAY + (DAY if place >= 5 * DAY else 0)
