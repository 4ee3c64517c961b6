"""The last half day of a subject: sums of what came and of what was expected, forgotten by halves.

An exponentially weighted window, as in the EWMA control chart (S. W. Roberts, "Control chart tests
based on geometric moving averages", Technometrics 1959).

>>> hours = DecayedWindow()
>>> for number in range(48):
...     hours.add(Bin(number, 6.0, negative=3.0, expected=1.0, ordinary=1.0, usual=0.3))
>>> round(hours.effect, 1), hours.calm
(8.5, False)
>>> hours.rest(Bin(48, 0.0, negative=0.0, expected=1.0, ordinary=1.0, usual=0.3))
>>> hours.calm
True
"""

from dataclasses import dataclass
from typing import Final

from detection.bins import Bin

HALF_LIFE: Final = 12.0
"""Bins after which one counts half as much."""
FADE: Final = 0.5 ** (1.0 / HALF_LIFE)
CALM: Final = 2.0
"""Times the usual negative volume below which a surge is over."""
_SQUARE: Final = FADE * FADE


@dataclass(slots=True)
class DecayedWindow:
    """Forgetting sums.

    ``ordinary`` and ``usual`` are the volume and the negative volume to be expected where the
    market is an ordinary one, ``chance`` the variance that the latter has if stories come
    independently, as a Poisson process.
    """

    volume: float = 0.0
    negative: float = 0.0
    ordinary: float = 0.0
    usual: float = 0.0
    chance: float = 0.0

    def add(self, it: Bin) -> None:
        """Count a bin."""
        usual = it.ordinary * it.usual
        self.volume = self.volume * FADE + it.volume
        self.negative = self.negative * FADE + it.negative
        self.ordinary = self.ordinary * FADE + it.ordinary
        self.usual = self.usual * FADE + usual
        self.chance = self.chance * _SQUARE + usual * it.grain

    def settle(self, times: float, share: float) -> None:
        """Go on as if so many times as much had been expected, of which that ``share`` negative."""
        usual = max(self.ordinary * times * share, self.usual)
        self.chance *= usual / self.usual if self.usual else 1.0
        self.ordinary *= times
        self.usual = usual

    def rest(self, it: Bin) -> None:
        """Let ``it.number`` empty bins pass, of each of which as much was expected as of ``it``."""
        fade, usual = FADE**it.number, it.ordinary * it.usual
        kept = (1.0 - fade) / (1.0 - FADE)
        self.volume *= fade
        self.negative *= fade
        self.ordinary = self.ordinary * fade + it.ordinary * kept
        self.usual = self.usual * fade + usual * kept
        squares = (1.0 - fade * fade) / (1.0 - _SQUARE)
        self.chance = self.chance * fade * fade + usual * it.grain * squares

    def expect(self, before: "DecayedWindow", after: "DecayedWindow") -> None:
        """Expect as much more as is expected of a part of it, whose window was settled."""
        self.ordinary += after.ordinary - before.ordinary
        self.usual += after.usual - before.usual
        self.chance += after.chance - before.chance

    def copy(self) -> "DecayedWindow":
        """As it is now."""
        return DecayedWindow(self.volume, self.negative, self.ordinary, self.usual, self.chance)

    def without(self, other: "DecayedWindow") -> "DecayedWindow":
        """What is left of the sums without those of ``other``."""
        names = self.__slots__
        return DecayedWindow(*(max(getattr(self, it) - getattr(other, it), 0.0) for it in names))

    @property
    def effect(self) -> float:
        """Negative volume as a multiple of the usual, one story added to both."""
        return (self.negative + 1.0) / (self.usual + 1.0)

    @property
    def surplus(self) -> float:
        """Negative volume beyond that of an ordinary market."""
        return max(self.negative - self.usual, 0.0)

    @property
    def calm(self) -> bool:
        """Whether the surge, if there was one, is over."""
        return self.effect < CALM
