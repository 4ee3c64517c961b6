"""What came in a bin, and what came since an onset."""

from dataclasses import dataclass
from typing import NamedTuple


class Bin(NamedTuple):
    """What came in one bin of one subject, and what was expected of it.

    ``expected`` and ``share`` are the volume and the negative share that the market lets expect
    just now, ``ordinary`` and ``usual`` those of an ordinary market; ``grain`` is the mean square
    of a story's negative weight over its mean.
    """

    number: int
    volume: float
    negative: float
    expected: float
    share: float = 1.0
    ordinary: float = 0.0
    usual: float = 1.0
    grain: float = 1.0
    stories: int = 0
    signals: int = 0


def ratio(part: float, whole: float) -> float:
    """0 where there is nothing.

    >>> ratio(1.0, 4.0), ratio(1.0, 0.0)
    (0.25, 0.0)
    """
    return part / whole if whole else 0.0


@dataclass(slots=True)
class Total:
    """Sums since ``onset``, the first bin; ``dark`` is the expected negative volume.

    >>> total = Total()
    >>> total.add(Bin(7, volume=4.0, negative=3.0, expected=2.0, share=0.25))
    >>> total.onset, total.negative, total.dark
    (7, 3.0, 0.5)
    """

    bins: int = 0
    onset: int = 0
    volume: float = 0.0
    negative: float = 0.0
    expected: float = 0.0
    dark: float = 0.0
    stories: int = 0
    signals: int = 0

    def add(self, it: Bin) -> None:
        """Count a bin; the first is the onset."""
        if not self.bins:
            self.onset = it.number
        self.bins += 1
        self.volume += it.volume
        self.negative += it.negative
        self.expected += it.expected
        self.dark += it.expected * it.share
        self.stories += it.stories
        self.signals += it.signals

    def clear(self) -> None:
        """Begin anew."""
        if self.bins:
            self.bins = self.onset = self.stories = self.signals = 0
            self.volume = self.negative = self.expected = self.dark = 0.0
