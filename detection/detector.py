"""One series of counts: what is usual, what speaks against it, and where its alert stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from detection.episode import Bin, Episode, Total
from detection.tail import Tail
from detection.volume import Expected, Prior, Volume
from detection.window import FADE, Window
from schemas.alert import Status

SLIGHT: Final = 0.5
"""Evidence below which nothing is going on."""
PACE: Final = 0.25
"""Speed of learning while an alert fires: a surge hardly becomes the usual, a change does."""


class Terms(NamedTuple):
    """What a rule asks for: false alarms a bin, and times in the unit of bin numbers."""

    rate: float
    wait: float
    keep: float


@dataclass(slots=True)
class Detector:
    """Everything but seasons, share and texts."""

    volume: Volume = field(default_factory=Volume)
    window: Window = field(default_factory=Window)
    tail: Tail = field(default_factory=Tail)
    episode: Episode = field(default_factory=Episode)
    evidence: float = 0.0

    @property
    def pace(self) -> float:
        """Speed of learning."""
        return PACE if self.episode.firing else 1.0

    @property
    def busy(self) -> bool:
        """Whether something can happen to it in a bin without news."""
        return self.episode.firing or self.episode.waiting

    def weigh(self, it: Bin, expected: Expected, usual: float) -> tuple[float, float]:
        """Gather what a bin says; what it teaches of the swing. ``usual`` is that of the others."""
        window = self.window
        window.add(it.volume, it.negative, it.expected * it.share)
        return self._judge(expected, it.share, usual)

    def _judge(self, expected: Expected, share: float, usual: float) -> tuple[float, float]:
        window = self.window
        swing = window.swing(usual)
        self.evidence = window.evidence(swing, 1.0 / max(expected.shape * share, 0.1))
        return window.deviation(swing)

    def surging(self, threshold: float) -> bool:
        """Whether there is evidence of a surge, and not one of good news."""
        return self.evidence >= threshold and not self.episode.total.bright

    def conclude(
        self, it: Bin, threshold: float, terms: Terms, tails: Sequence[Tail], *, surging: bool
    ) -> Status | None:
        """What becomes of the alert at the end of a bin; ``tails`` learn how high evidence goes."""
        episode = self.episode
        if not episode.firing:
            self.watch(1, threshold, tails)
            if not (surging or episode.waiting):
                return None
        effect = self.window.effect
        status = episode.follow(it.number, surging, effect, terms.wait, terms.keep)
        if status == "firing":
            for tail in tails:
                tail.censored(threshold)
        return status

    def gather(self, it: Bin) -> None:
        """Add a bin to the episode, if there is one."""
        if self.evidence > SLIGHT or self.episode.firing:
            self.episode.total.add(it)

    def watch(self, bins: int, threshold: float, tails: Sequence[Tail]) -> None:
        """Note how high the evidence went, once nothing is left of it."""
        total = self.episode.total
        for tail in tails:
            tail.watched += bins
        if self.evidence > SLIGHT:
            total.peak = max(total.peak, min(self.evidence, threshold))
            return
        if total.peak:
            for tail in tails:
                tail.peak(total.peak)
        if total.signals or total.peak:
            self.episode.total = Total()

    def rest(
        self, bins: int, it: Bin, season: float, expected: Expected, prior: Prior, usual: float
    ) -> tuple[float, float]:
        """Let ``bins`` without news pass at once; what they teach of the swing."""
        window = self.window
        window.negative *= FADE
        taught = window.deviation(window.swing(usual), bins)
        window.negative /= FADE
        window.rest(bins, expected.mean * it.share)
        self._judge(expected, it.share, usual)
        window.learn(*taught, bins)
        self.volume.rest(bins, season, prior)
        return taught

    def numbers(self) -> list[Any]:
        """Its parts, for `detection.packed`."""
        return [self.volume, self.window, self.tail, self.episode.phase, self.episode.total]
