"""The last day of a subject: decayed sums of the observed and the expected news.

An exponentially weighted window, as in the EWMA control chart (S. W. Roberts, "Control chart tests
based on geometric moving averages", Technometrics 1959).

>>> from detection.expected.volume_model import Expected, Prior
>>> window = DecayedWindow()
>>> for number in range(48):
...     window.add(Bin(number, 6.0, negative=3.0, expected=1.0, baseline=1.0, baseline_share=0.3))
>>> round(window.effect, 1), window.effect < CALM_EFFECT
(9.0, False)
>>> span = QuietSpan(48, 1.0, Prior(1.0, 1.0), Expected(1.0, 1.0, 1.0), share=0.3)
>>> window.skipped(span).effect < CALM_EFFECT
True
"""

from dataclasses import dataclass
from typing import Final

from detection.bins import Bin, QuietSpan

HALF_LIFE_BINS: Final = 24.0
"""Bins after which a bin counts half."""
WINDOW_DECAY: Final = 0.5 ** (1.0 / HALF_LIFE_BINS)
"""Factor by which one bin shrinks the weight of the earlier ones in the window."""
CALM_EFFECT: Final = 2.0
"""Effect below which a surge is over."""
_VARIANCE_DECAY: Final = WINDOW_DECAY * WINDOW_DECAY


@dataclass(slots=True)
class DecayedWindow:
    """Decayed sums over the last bins.

    Attributes:
        volume: observed volume.
        negative: observed negative volume.
        baseline: volume that is expected in a normal market.
        baseline_negative: negative volume that is expected in a normal market.
        chance: variance of the negative volume if stories came as a Poisson process.
    """

    volume: float = 0.0
    negative: float = 0.0
    baseline: float = 0.0
    baseline_negative: float = 0.0
    chance: float = 0.0

    def add(self, current: Bin) -> None:
        """Let one bin pass."""
        negative = current.baseline * current.baseline_share
        self.volume = self.volume * WINDOW_DECAY + current.volume
        self.negative = self.negative * WINDOW_DECAY + current.negative
        self.baseline = self.baseline * WINDOW_DECAY + current.baseline
        self.baseline_negative = self.baseline_negative * WINDOW_DECAY + negative
        self.chance = self.chance * _VARIANCE_DECAY + negative * current.weight_ratio

    def skipped(self, span: QuietSpan) -> "DecayedWindow":
        """Return the window after a span without news."""
        decay = WINDOW_DECAY**span.bins
        bins = (1.0 - decay) / (1.0 - WINDOW_DECAY)
        squares = (1.0 - decay * decay) / (1.0 - _VARIANCE_DECAY)
        volume = span.expected.mean
        negative = volume * span.share
        return DecayedWindow(
            volume=self.volume * decay,
            negative=self.negative * decay,
            baseline=self.baseline * decay + volume * bins,
            baseline_negative=self.baseline_negative * decay + negative * bins,
            chance=self.chance * decay * decay + negative * span.weight_ratio * squares,
        )

    def rebaselined(self, factor: float, share: float) -> "DecayedWindow":
        """Return the window as if ``factor`` times the volume with this share were expected."""
        negative = max(self.baseline * factor * share, self.baseline_negative)
        growth = negative / self.baseline_negative if self.baseline_negative else 1.0
        return DecayedWindow(
            self.volume, self.negative, self.baseline * factor, negative, self.chance * growth
        )

    def expect_change(self, before: "DecayedWindow", after: "DecayedWindow") -> None:
        """Expect as much more as is now expected of a part of it, whose window changed."""
        self.baseline += after.baseline - before.baseline
        self.baseline_negative += after.baseline_negative - before.baseline_negative
        self.chance += after.chance - before.chance

    def without(self, other: "DecayedWindow") -> "DecayedWindow":
        """Return the sums without those of ``other``, none below 0."""
        return DecayedWindow(
            max(self.volume - other.volume, 0.0),
            max(self.negative - other.negative, 0.0),
            max(self.baseline - other.baseline, 0.0),
            max(self.baseline_negative - other.baseline_negative, 0.0),
            max(self.chance - other.chance, 0.0),
        )

    @property
    def effect(self) -> float:
        """Negative volume as a multiple of the baseline, after adding one story to both."""
        return (self.negative + 1.0) / (self.baseline_negative + 1.0)

    @property
    def surplus(self) -> float:
        """Negative volume beyond the baseline, at least 0."""
        return max(self.negative - self.baseline_negative, 0.0)
