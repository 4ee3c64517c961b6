"""All that a subject needs besides itself, and how it is brought up to date."""

from dataclasses import dataclass
from typing import NamedTuple

from detection.alerting.alert_policy import Terms
from detection.bins import Bin
from detection.expected.market_adjustment import darkened
from detection.expected.population_priors import PopulationPriors, Totals, usual_share
from detection.expected.volume_model import Prior
from detection.subject_state import Subject


class BinContext(NamedTuple):
    """What one bin is like for everybody: its season, priors, and how dark the market is."""

    number: int
    season: float
    prior: Prior
    scatter: float
    share: float
    darker: float
    grain: float


@dataclass(slots=True)
class PopulationContext:
    """``whole`` is the market as a subject of its own."""

    market: PopulationPriors
    whole: Subject
    terms: Terms

    def weather(self, number: int, season: float) -> BinContext:
        """As it is known before the bin."""
        calm, window = self._calm(number, season), self.whole.detector.window
        return calm._replace(darker=darkened(window.negative, window.volume, calm.share))

    def _calm(self, number: int, season: float) -> BinContext:
        """The weather while the market is no darker than usual, as it is without news."""
        scatter, grain = self.market.scatter.usual(), self.market.grain.usual()
        share = usual_share(self.whole.share)
        return BinContext(number, season, self.market.prior(), scatter, share, 0.0, grain)

    def newcomer(self, name: str, number: int) -> Subject:
        """A subject at its first signal: it had no news as long as the others were watched."""
        subject = Subject(name)
        sums = self.market.sums
        _brought_up(subject, number, sums)
        subject.detector.volume.exposure = self.whole.detector.volume.exposure
        sums.subjects += 1
        return subject

    def settle(self, subject: Subject) -> None:
        """Let what came of ``subject`` be the usual, and so of the market."""
        whole = self.whole.detector
        window, before = subject.detector.window.copy(), level(subject)
        subject.settle()
        grown = level(subject) - before
        self.market.sums.levels += grown
        whole.volume.count += grown * whole.volume.exposure
        whole.window.expect(window, subject.detector.window)

    def catch_up(self, subject: Subject, number: int) -> None:
        """Let the bins without news before ``number`` pass. O(1), however many they are."""
        sums = self.market.sums
        bins = sums.bins - subject.passed.closed
        if bins <= 0:
            return
        season = (sums.seasons - subject.passed.seasons) / bins
        before = level(subject)
        self._rest(subject, bins, self._calm(number, season))
        sums.levels += level(subject) - before
        _brought_up(subject, number, sums)

    def _rest(self, subject: Subject, bins: int, weather: BinContext) -> None:
        detector, market = subject.detector, self.market
        expected = detector.volume.expect(weather.prior, weather.season, weather.scatter)
        share = subject.share.usual(weather.share)
        market.scatter.add(0.0, expected, bins)
        threshold = detector.alarm.tail.threshold(market.tail, self.terms.rate)
        it = Bin(bins, 0.0, 0.0, expected.mean, share, expected.mean, share, weather.grain)
        found = detector.rest(
            it, weather.season, expected, weather.prior, market.swing, self.whole.detector.window
        )
        tails = (detector.alarm.tail, market.tail)
        detector.alarm.watch(bins, detector.said(found, threshold), tails)
        subject.share.rest(bins)


def _brought_up(subject: Subject, number: int, sums: Totals) -> None:
    it = subject.passed
    it.bins, it.closed, it.seasons = number, sums.bins, sums.seasons


def level(subject: Subject) -> float:
    """Stories in a bin of season 1, from the subject alone."""
    volume = subject.detector.volume
    return volume.count / max(volume.exposure, 1.0)
