"""The end of a bin: what each subject's news says against what the market lets expect."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from detection.alerting.alert_policy import Common
from detection.bins import Bin
from detection.evidence.decayed_window import DecayedWindow
from detection.expected.bin_clock import WEEK
from detection.expected.market_adjustment import ALONE
from detection.expected.negative_share import shifted
from detection.expected.population_priors import KNOWN, move, own_share
from detection.expected.volume_model import Expected
from detection.population_context import PopulationContext, level
from detection.subject_state import Open, Subject
from schemas.alert import Status

WARM_UP: Final = 24
"""Bins, after the feed began, in which news cannot be told from the beginning of news."""


class Seen(NamedTuple):
    """A subject's bin next to what was expected; ``believed`` is the volume to learn from."""

    subject: Subject
    expected: Expected
    believed: float


class Outcome(NamedTuple):
    """What a bin brought to a subject; ``evidence`` and ``threshold`` are natural logarithms."""

    subject: Subject
    bin: Bin
    evidence: float
    threshold: float
    status: Status | None


class Closing:
    """One bin of the ``subjects`` with news and of those whose alert may change without."""

    def __init__(self, shared: PopulationContext, number: int, subjects: Sequence[Subject]) -> None:
        self._shared = shared
        self._weather = shared.weather(number, shared.market.profile.factor(number % WEEK))
        self._seen = [self._see(subject) for subject in subjects]
        self._warm = shared.market.sums.fed >= WARM_UP
        shared.whole.open = _together(self._seen)
        self._whole = self._see(shared.whole)
        share = self._weather.share
        self._all = self._bin(self._whole, 1.0, share, share)
        self._found = self._weigh(self._whole, self._all, ALONE)
        self._lasting: list[Subject] = []

    def subjects(self, may_alert: Callable[[str], bool]) -> Iterator[Outcome]:
        """What the bin brought to each, in order."""
        for it in self._seen:
            yield self._one(it, may_alert)

    def whole(self, may_alert: Callable[[str], bool]) -> Outcome:
        """What it brought to the market, after all others; the bin is part of the past then."""
        detector, market = self._shared.whole.detector, self._shared.market
        usual = max(detector.volume.level(self._weather.prior), 1e-6)
        common = Common((detector.alarm.tail,), market.discoveries)
        market.grain.add(self._all.negative, self._shared.whole.open.squares)
        outcome = self._end(self._whole, self._all, self._found, common, may_alert)
        if detector.alarm.episode.settle(self._weather.number, WEEK):
            self._shared.whole.settle()
        for subject in self._lasting:
            self._shared.settle(subject)
        busy = self._whole.believed / usual
        place = self._weather.number % WEEK
        market.profile.learn(place, busy, usual / (usual + KNOWN))
        market.scatter.fade()
        market.swing.fade()
        market.sums.add(self._weather.season, silent=not self._all.signals)
        return outcome

    def _one(self, it: Seen, may_alert: Callable[[str], bool]) -> Outcome:
        market, weather = self._shared.market, self._weather
        total = self._shared.whole.open.volume
        factor = move(self._whole.expected, total, it.expected, it.believed)
        share = own_share(it.subject.share, weather.share)
        moved = self._bin(it, factor, shifted(share, weather.darker), share)
        tails = it.subject.detector.alarm.tail, market.tail
        common = Common(tails, market.discoveries)
        market.scatter.add(it.believed, it.expected)
        before = level(it.subject)
        found = self._weigh(it, moved, self._shared.whole.detector.window)
        outcome = self._end(it, moved, found, common, may_alert)
        market.sums.levels += level(it.subject) - before
        if it.subject.detector.alarm.episode.settle(self._weather.number, WEEK):
            self._lasting.append(it.subject)
        return outcome

    def _weigh(self, seen: Seen, it: Bin, whole: DecayedWindow) -> float:
        swing = self._shared.market.swing
        return seen.subject.detector.weigh(it, seen.expected, swing, whole) if self._warm else 0.0

    def _end(
        self,
        seen: Seen,
        it: Bin,
        found: float,
        common: Common,
        may_alert: Callable[[str], bool],
    ) -> Outcome:
        subject, raw, believed = seen
        detector, shared, season = subject.detector, self._shared, self._weather.season
        threshold = detector.alarm.tail.threshold(common.tails[-1], shared.terms.rate)
        muted = found >= threshold and not may_alert(subject.name)
        said = detector.said(found, threshold, muted=muted)
        pace = detector.alarm.pace
        detector.learn(believed, season, raw, pace)
        subject.share.learn(_part(it.negative, believed, it.volume), believed, pace)
        status = detector.conclude(said, it.number, shared.terms, common)
        subject.open = Open()
        subject.passed.bins = it.number + 1
        subject.passed.closed = shared.market.sums.bins + 1
        subject.passed.seasons = shared.market.sums.seasons + season
        return Outcome(subject, it, found, threshold, status)

    def _see(self, subject: Subject) -> Seen:
        weather = self._weather
        expected = subject.detector.volume.expect(weather.prior, weather.season, weather.scatter)
        return Seen(subject, expected, expected.believable(subject.open.volume))

    def _bin(self, seen: Seen, factor: float, share: float, usual: float) -> Bin:
        it, weather = seen.subject.open, self._weather
        return Bin(
            number=weather.number,
            volume=it.volume,
            negative=it.negative,
            expected=seen.expected.mean * factor,
            share=share,
            ordinary=seen.expected.mean,
            usual=usual,
            grain=weather.grain,
            stories=it.stories,
            signals=it.signals,
        )


def _together(seen: Sequence[Seen]) -> Open:
    """The market's bin, in which no subject counts for more than is believed of it."""
    whole = Open()
    for subject, _, believed in seen:
        it = subject.open
        whole.volume += believed
        whole.negative += _part(it.negative, believed, it.volume)
        whole.squares += _part(it.squares, believed, it.volume)
        whole.stories += it.stories
        whole.signals += it.signals
    return whole


def _part(negative: float, believed: float, volume: float) -> float:
    return negative * believed / volume if volume else 0.0
