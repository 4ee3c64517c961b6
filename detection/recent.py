"""The last hours of a subject: how large a surge is, and whether it is over.

>>> hours = Recent()
>>> for _ in range(24):
...     hours.add(6.0, 3.0, 1.0, 0.3)
>>> round(hours.effect, 1), hours.calm
(7.9, False)
"""

from dataclasses import dataclass
from math import exp
from typing import Final

FADE: Final = exp(-1.0 / 12.0)
"""What a bin leaves of the weight of those before it."""
CALM: Final = 2.0
"""Times the expected negative volume below which a surge is over."""


@dataclass(slots=True)
class Recent:
    """Forgetting sums over about twelve bins; ``dark`` is the expected negative volume."""

    volume: float = 0.0
    negative: float = 0.0
    expected: float = 0.0
    dark: float = 0.0

    def add(self, volume: float, negative: float, expected: float, share: float) -> None:
        """Count a bin."""
        self.volume = self.volume * FADE + volume
        self.negative = self.negative * FADE + negative
        self.expected = self.expected * FADE + expected
        self.dark = self.dark * FADE + expected * share

    def rest(self, bins: int, expected: float, share: float) -> None:
        """Let ``bins`` empty ones pass."""
        fade = FADE**bins
        kept = (1.0 - fade) / (1.0 - FADE)
        self.volume *= fade
        self.negative *= fade
        self.expected = self.expected * fade + expected * kept
        self.dark = self.dark * fade + expected * share * kept

    @property
    def effect(self) -> float:
        """Negative volume as a multiple of the expected, one story added to both."""
        return (self.negative + 1.0) / (self.dark + 1.0)

    @property
    def calm(self) -> bool:
        """Whether the surge, if there was one, is over."""
        return self.effect < CALM
