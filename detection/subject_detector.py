"""One subject's news: what is usual, what speaks against it, and where its alert stands."""

from dataclasses import dataclass, field
from typing import Any, Final

from detection.alerting.alert_policy import Alarm, Common, Said, Terms
from detection.bins import Bin, Total
from detection.evidence.decayed_window import DecayedWindow
from detection.evidence.likelihood_ratio import evidence
from detection.evidence.peak_tail import MILD
from detection.expected.market_adjustment import Compared, compared
from detection.expected.overdispersion import FIRST, OTHERS, UNSEEN, Overdispersion
from detection.expected.volume_model import Expected, Prior, VolumeModel
from schemas.alert import Status

CLIMB: Final = MILD / 2.0
"""Evidence from which it counts as climbing: there is the onset of what becomes of it."""
SURGE: Final = 2
"""Stories below which nothing surges, however bad the one is."""
HYSTERESIS: Final = 0.5
"""Of the threshold: a surge is not over while there is more evidence."""


@dataclass(slots=True)
class SubjectDetector:
    """Everything but seasons, share and texts; ``since`` adds up the climb that goes on."""

    volume: VolumeModel = field(default_factory=VolumeModel)
    window: DecayedWindow = field(default_factory=DecayedWindow)
    swing: Overdispersion = field(default_factory=Overdispersion)
    since: Total = field(default_factory=Total)
    alarm: Alarm = field(default_factory=Alarm)

    def weigh(
        self, it: Bin, expected: Expected, others: Overdispersion, whole: DecayedWindow
    ) -> float:
        """Evidence of a surge after a bin, which ``whole``, the market's window, includes."""
        usual = self.swinging(others)
        self.window.add(it)
        seen = compared(self.window, whole)
        others.add(*self.swing.learn(seen, usual, firing=self.alarm.episode.firing))
        found = _evidence(seen, usual, expected)
        if found < CLIMB:
            self.since.clear()
        else:
            self.since.add(it)
        self.alarm.count(it)
        return found

    def learn(self, believed: float, season: float, expected: Expected, pace: float) -> None:
        """Make a bin part of what is usual. ``expected`` is without the market's move."""
        self.volume.learn(believed, season, expected, pace)

    def said(self, found: float, threshold: float, *, muted: bool = False) -> Said:
        """Judge the evidence ``found``."""
        window = self.window
        muted = muted or self.since.stories < SURGE
        calm = window.calm and found < HYSTERESIS * threshold
        return Said(self.since, found, threshold, found < CLIMB, calm, window.effect, muted)

    def conclude(self, said: Said, number: int, terms: Terms, common: Common) -> Status | None:
        """What becomes of the alert at the end of a bin."""
        status = self.alarm.conclude(said, number, terms, common)
        if status == "resolved":
            self.since.clear()  # what comes now is another climb
        return status

    def rest(  # noqa: PLR0913, PLR0917 - all that a time without news depends on
        self,
        it: Bin,
        season: float,
        expected: Expected,
        prior: Prior,
        others: Overdispersion,
        whole: DecayedWindow,
    ) -> float:
        """Let ``it.number`` bins without news pass at once; the evidence that is left."""
        usual, before, bins = self.swinging(others), self.window.copy(), it.number
        self.window.rest(it)
        others.add(*self.swing.rest(before, self.window, bins, usual))
        self.volume.rest(bins, season, prior)
        found = _evidence(compared(self.window, whole), usual, expected)
        if found < CLIMB:
            self.since.clear()
        return found

    def numbers(self) -> list[Any]:
        """Its parts, for `detection.state_codec`."""
        return [self.volume, self.window, self.swing, self.since, *self.alarm.numbers()]

    def swinging(self, others: Overdispersion) -> float:
        """How far its windows usually stray; ``others`` is the population's swing."""
        return self.swing.usual(others.usual(FIRST, UNSEEN), OTHERS)


def _evidence(seen: Compared, swing: float, expected: Expected) -> float:
    # What is expected is itself estimated, as well as its gamma posterior's shape says.
    return evidence(seen, swing + 1.0 / expected.shape)
