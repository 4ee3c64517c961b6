"""One series of counts: what is usual, what speaks against it, and where its alert stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from detection.episode import Episode
from detection.evidence import EFFECTS, SHARES, Bin, Run, evidence, hush, leading, weigh
from detection.recent import Recent
from detection.tail import Tail
from detection.volume import Expected, Prior, Volume
from schemas.alert import Status

HEADROOM: Final = 3.0
"""How far the evidence may climb above the threshold before it fires: a silenced or a bright surge
leaves no more behind."""
BRIGHT: Final = 0.8
"""Times the expected negative share below which a surge is one of good news."""
PACE: Final = 0.25
"""Speed of learning while an alert fires: a surge hardly becomes the usual, a change does."""


class Terms(NamedTuple):
    """What a rule asks for: false alarms a bin, and times in the unit of bin numbers."""

    rate: float
    wait: float
    keep: float


@dataclass(slots=True)
class Detector:
    """Everything but seasons, share and texts.

    ``peak`` is the highest evidence since it was last at zero.
    """

    volume: Volume = field(default_factory=Volume)
    recent: Recent = field(default_factory=Recent)
    tail: Tail = field(default_factory=Tail)
    runs: list[Run] = field(default_factory=lambda: [Run() for _ in EFFECTS])
    episode: Episode = field(default_factory=Episode)
    peak: float = 0.0

    @property
    def evidence(self) -> float:
        """Natural logarithm of the evidence that there is a surge."""
        return evidence(self.runs)

    @property
    def pace(self) -> float:
        """Speed of learning."""
        return PACE if self.episode.firing else 1.0

    @property
    def busy(self) -> bool:
        """Whether something can happen to it in a bin without news."""
        return self.episode.firing or self.episode.waiting

    def weigh(self, it: Bin, expected: Expected, threshold: float) -> None:
        """Gather what a bin says. ``expected`` includes the market's move."""
        if it.volume:
            weigh(self.runs, it, expected)
        else:
            hush(self.runs, 1, it, expected)
        if not self.episode.firing:
            highest = threshold + HEADROOM + SHARES
            for run in self.runs:
                run.statistic = min(run.statistic, highest)

    def surging(self, threshold: float) -> bool:
        """Whether there is evidence of a surge, and not one of good news."""
        if self.evidence < threshold:
            return False
        run = leading(self.runs)
        return run.negative * run.expected >= BRIGHT * run.dark * run.volume

    def learn(self, it: Bin, believed: float, season: float, expected: Expected) -> None:
        """Make a bin part of what is usual. ``expected`` is without the market's move."""
        self.recent.add(it.volume, it.negative, expected.mean, it.share)
        self.volume.learn(believed, season, expected, self.pace)

    def conclude(
        self, it: Bin, threshold: float, terms: Terms, tails: Sequence[Tail], *, surging: bool
    ) -> Status | None:
        """What becomes of the alert at the end of a bin; ``tails`` learn how high evidence goes."""
        episode = self.episode
        if episode.firing:
            episode.total.sum(it)
        else:
            self.watch(1, threshold, tails)
            if not (surging or episode.waiting):
                return None
        status = episode.follow(it.number, surging, self.recent, terms.wait, terms.keep)
        if status == "firing":
            self._fire(threshold, tails)
        elif status == "resolved":
            for run in self.runs:
                run.clear()
        return status

    def watch(self, bins: int, threshold: float, tails: Sequence[Tail]) -> None:
        """Note how high the evidence went, once it is back at zero."""
        for tail in tails:
            tail.watched += bins
        for run in self.runs:
            if run.statistic:
                self.peak = max(self.peak, min(self.evidence, threshold))
                return
        if self.peak:
            for tail in tails:
                tail.peak(self.peak)
            self.peak = 0.0

    def rest(self, bins: int, it: Bin, season: float, expected: Expected, prior: Prior) -> None:
        """Let ``bins`` without news pass at once; ``it`` holds what they had expected."""
        hush(self.runs, bins, it, expected)
        self.recent.rest(bins, expected.mean, it.share)
        self.volume.rest(bins, season, prior)

    def numbers(self) -> list[Any]:
        """Its parts, for `detection.packed`."""
        episode = self.episode
        return [self.volume, self.recent, self.tail, *self.runs, episode.phase, episode.total]

    def _fire(self, threshold: float, tails: Sequence[Tail]) -> None:
        self.episode.total = leading(self.runs).copy()
        for tail in tails:
            tail.censored(threshold)
        self.peak = 0.0
