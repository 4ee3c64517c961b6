"""How much is usual of a series: a level, and the pattern of its week.

The first day only sets the level, and how much its hours differ. Two of them may be wild without
blinding the series.

>>> usual = SeriesBaseline()
>>> for hour in range(24):
...     swing = usual.begin(1e9 if hour == 3 else 6.0, 1.0)
>>> usual.warm, usual.expect(place=0), round(swing, 1)
(True, 10.75, 4.5)
"""

from dataclasses import dataclass, field
from typing import Final

from detection.alerting.alert_state import FIRING_PACE
from detection.expected.bin_clock import WARM_UP_BINS, WEEK
from detection.expected.decayed_mean import BIN_DECAY
from detection.expected.volume_model import MIN_MEAN
from detection.expected.weekly_profile import WeeklyProfile

WILD: Final = 2
"""Bins of these that may be so."""
TIMES: Final = 20.0
"""Times the others' mean that they count at most."""
CHECK: Final = 4.0 * WEEK
"""Bins after which it is looked whether anything of the kind still comes."""
TOO_MUCH: Final = 10.0
"""Times what came in them that was expected where what was expected is wrong."""


@dataclass(slots=True)
class SeriesBaseline:
    """Forgetting sums: ``count`` of what came in ``exposure`` bins of season 1.

    In the open ``place`` of the week ``bins`` were ``busy``. Of ``passed`` bins the ``first`` are
    kept as what came in each, and how much of it was watched. In ``checked`` bins there ``came`` so
    much where so much was ``due``.
    """

    count: float = 0.0
    exposure: float = 0.0
    profile: WeeklyProfile = field(default_factory=WeeklyProfile)
    place: int = 0
    busy: float = 0.0
    bins: float = 0.0
    passed: float = 0.0
    first: list[tuple[float, float]] = field(default_factory=list)
    checked: float = 0.0
    came: float = 0.0
    due: float = 0.0

    @property
    def warm(self) -> bool:
        """Whether there is something to expect."""
        return self.passed >= WARM_UP_BINS

    def begin(self, value: float, bins: float) -> float:
        """Count a row of the warm-up; the swing of its bins, relative to their mean's square."""
        place = int(self.passed)
        self.first += [(0.0, 0.0)] * (place + 1 - len(self.first))
        came, lasted = self.first[place]
        self.first[place] = came + value, lasted + bins
        self.passed += bins
        levels = _believed([came / lasted for came, lasted in self.first if lasted])
        self.count, self.exposure = sum(levels), float(len(levels))
        if self.warm:
            self.first = []
        middle = self._level()
        return sum((it - middle) ** 2 for it in levels) / len(levels) / (middle * middle)

    def expect(self, place: int) -> float:
        """In a bin at this ``place`` of the week."""
        return self._level() * self.profile.factor(place)

    def learn(self, place: int, value: float, bins: float, *, firing: bool) -> None:
        """Count ``bins`` at this ``place``; those in which an alert is ``firing`` for less."""
        pace = FIRING_PACE if firing else 1.0
        fade = 1.0 - (1.0 - BIN_DECAY) * pace * bins
        season = self.profile.factor(place) * bins
        self.count = self.count * fade + value * pace
        self.exposure = self.exposure * fade + season * pace
        self._check(value, self._level() * season, bins)
        self._season(place, value / self._level() * pace, bins * pace)

    def _season(self, place: int, busy: float, bins: float) -> None:
        if place != self.place and self.bins:
            self.profile.learn(self.place, self.busy / self.bins, min(self.bins, 1.0))
            self.busy = self.bins = 0.0
        self.place = place
        self.busy += busy
        self.bins += bins

    def _check(self, value: float, due: float, bins: float) -> None:
        self.checked += bins
        self.came += value
        self.due += due
        if self.checked >= CHECK:
            if self.came < self.due / TOO_MUCH:
                self.settle(self.came / self.due)
            self.checked = self.came = self.due = 0.0

    def settle(self, times: float) -> None:
        """Expect so many times as much from now on, known as if from the first day."""
        level, self.exposure = self._level() * times, float(WARM_UP_BINS)
        self.count = level * self.exposure

    def _level(self) -> float:
        return max(self.count / self.exposure, MIN_MEAN)


def _believed(levels: list[float]) -> list[float]:
    """The wildest are taken to be no more than so many times what the others are."""
    usual = sorted(levels)[: max(len(levels) - WILD, 1)]
    most = TIMES * sum(usual) / len(usual)
    return [min(it, most) for it in levels] if most else levels
