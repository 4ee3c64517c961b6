"""The last half day of a subject: sums of what came and of what was expected, forgotten by halves.

An exponentially weighted window, as in the EWMA control chart (S. W. Roberts, "Control chart tests
based on geometric moving averages", Technometrics 1959).

>>> hours = Window()
>>> for number in range(48):
...     hours.add(Bin(number, volume=6.0, negative=3.0, expected=1.0, share=0.3, usual=0.3))
>>> round(hours.effect, 1), hours.calm
(8.5, False)
>>> hours.rest(Bin(48, volume=0.0, negative=0.0, expected=1.0, share=0.3, usual=0.3))
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
"""Times the expected negative volume below which a surge is over."""
_SQUARE: Final = FADE * FADE


@dataclass(slots=True)
class Window:
    """Forgetting sums.

    ``dark`` is the expected negative volume, ``ordinary`` and ``usual`` the volume and the negative
    volume to be expected of an ordinary market. ``chance`` is the variance that the negative volume
    has if stories come independently, as a Poisson process.
    """

    volume: float = 0.0
    negative: float = 0.0
    expected: float = 0.0
    dark: float = 0.0
    ordinary: float = 0.0
    usual: float = 0.0
    chance: float = 0.0

    def add(self, it: Bin) -> None:
        """Count a bin."""
        dark = it.expected * it.share
        self.volume = self.volume * FADE + it.volume
        self.negative = self.negative * FADE + it.negative
        self.expected = self.expected * FADE + it.expected
        self.dark = self.dark * FADE + dark
        self.ordinary = self.ordinary * FADE + it.ordinary
        self.usual = self.usual * FADE + it.ordinary * it.usual
        self.chance = self.chance * _SQUARE + dark * it.grain

    def rest(self, it: Bin) -> None:
        """Let ``it.number`` empty bins pass, of each of which as much was expected as of ``it``."""
        fade, dark = FADE**it.number, it.expected * it.share
        kept = (1.0 - fade) / (1.0 - FADE)
        self.volume *= fade
        self.negative *= fade
        self.expected = self.expected * fade + it.expected * kept
        self.dark = self.dark * fade + dark * kept
        self.ordinary = self.ordinary * fade + it.ordinary * kept
        self.usual = self.usual * fade + it.ordinary * it.usual * kept
        squares = (1.0 - fade * fade) / (1.0 - _SQUARE)
        self.chance = self.chance * fade * fade + dark * it.grain * squares

    def copy(self) -> "Window":
        """Another one with the same sums."""
        return Window(*(getattr(self, name) for name in self.__slots__))

    @property
    def effect(self) -> float:
        """Negative volume as a multiple of the expected, one story added to both."""
        return (self.negative + 1.0) / (self.dark + 1.0)

    @property
    def surplus(self) -> float:
        """Negative volume beyond that of an ordinary market."""
        return max(self.negative - self.usual, 0.0)

    @property
    def calm(self) -> bool:
        """Whether the surge, if there was one, is over."""
        return self.effect < CALM
