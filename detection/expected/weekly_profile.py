"""The pattern of the week: the factor by which each of its 168 bins is busier than the mean.

A bin's factor is shrunk towards that of the same bin of any working day, or of any day of the
weekend, and that one towards 1. So the pattern of the night is known after the first days.

>>> week = WeeklyProfile()
>>> for hour in range(14 * 24):
...     week.learn(hour % WEEK, 3.0 if 8 <= hour % 24 < 16 else 0.0, 1.0)
>>> week.factor(10) > 1.9 > 0.5 > week.factor(20)
True
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from detection.expected.bin_clock import WEEK
from detection.expected.decayed_mean import DecayedMean

DAY: Final = 24
PROFILE_PRIOR_WEIGHT: Final = 2.0
"""Weight of the coarser pattern against the finer one, in weeks or days."""
WEEK_DECAY: Final = 1.0 - 1.0 / 60.0
"""Factor by which one week shrinks the weight of the earlier ones."""
DAY_DECAY: Final = 1.0 - 1.0 / 300.0
"""Factor by which one day shrinks the weight of the earlier ones of its kind."""

_DAY_KIND: Final = [index % DAY + (DAY if index >= 5 * DAY else 0) for index in range(WEEK)]


@dataclass(slots=True)
class WeeklyProfile:
    """The mean busyness of each bin.

    Attributes:
        week: one mean for each bin of the week.
        day: one mean for each bin of a working day, then of a day of the weekend.
    """

    week: list[DecayedMean] = field(default_factory=lambda: [DecayedMean() for _ in range(WEEK)])
    day: list[DecayedMean] = field(default_factory=lambda: [DecayedMean() for _ in range(2 * DAY)])

    def factor(self, index: int) -> float:
        """Return how busy the bin ``index`` of the week is; the mean is 1."""
        coarse = self.day[_DAY_KIND[index]].shrunk(1.0, PROFILE_PRIOR_WEIGHT)
        return self.week[index].shrunk(coarse, PROFILE_PRIOR_WEIGHT)

    def learn(self, index: int, busyness: float, weight: float) -> None:
        """Learn that a bin was ``busyness`` times as busy as the mean, and how sure that is."""
        self.week[index].learn(busyness * weight, weight, decay=WEEK_DECAY)
        self.day[_DAY_KIND[index]].learn(busyness * weight, weight, decay=DAY_DECAY)

    def to_bytes(self) -> bytes:
        """Return eight bytes for each number: totals, then weights, of the week and the day."""
        return b"".join(
            array("d", numbers).tobytes()
            for means in (self.week, self.day)
            for numbers in ([mean.total for mean in means], [mean.weight for mean in means])
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "WeeklyProfile":
        """Return the profile that `to_bytes` wrote."""
        numbers = array("d", data)
        days = numbers[2 * WEEK :]
        return cls(
            week=_paired(numbers[:WEEK], numbers[WEEK : 2 * WEEK]),
            day=_paired(days[: 2 * DAY], days[2 * DAY :]),
        )


def _paired(totals: Sequence[float], weights: Sequence[float]) -> list[DecayedMean]:
    return [DecayedMean(*sums) for sums in zip(totals, weights, strict=True)]
