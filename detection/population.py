"""All subjects together: signals in event-time order in, alerts out."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from math import ceil, exp, log
from typing import Final, NamedTuple, Self

import orjson

from detection.episode import SEVERITIES
from detection.evidence import EFFECTS, Bin, evidence, leading, weigh
from detection.grid import WEEK, Grid
from detection.market import KNOWN, Market
from detection.packed import pack, unpack
from detection.profile import Profile
from detection.reading import Reading
from detection.rule import MONTH, Rule
from detection.share import log_odds, shifted
from detection.subject import Open, Subject
from detection.telling import shown
from detection.volume import Expected
from schemas.alert import MARKET, Alert, Status
from schemas.identity import alert_id
from schemas.signal import Signal

Trace = Callable[[Reading], None]

_CLOCK: Final = "clock"
_SUBJECT: Final = "subject|"
FIRST_SHARE: Final = 0.3
WARM_UP: Final = 24
HEADROOM: Final = 3.0
FEWEST: Final = 3
LIGHTER = 0.8
PACE = 0.25
DISCOVERY = 0.1


class Closing(NamedTuple):
    subject: Subject
    expected: Expected
    believed: float


class Population:
    def __init__(self, rule: Rule, trace: Trace | None = None) -> None:
        self.late = 0
        self._rule = rule
        self._trace = trace
        self._grid = Grid(rule.bin)
        self._subjects: dict[str, Subject] = {}
        self._touched: set[str] = set()
        self._active: set[str] = set()
        self._open: int | None = None
        self._market = Market()
        self._all = Subject(MARKET)
        self._rate = rule.false_alarms_per_subject_month * (rule.bin / MONTH)
        self._wait = ceil(rule.for_ / rule.bin)
        self._keep = ceil(rule.keep_firing_for / rule.bin)

    def count(self, signal: Signal) -> list[Alert]:
        """Take a signal in, after all that was due before it."""
        number = self._grid.bin(signal.published)
        if self._open is not None and number < self._open:
            self.late += 1
            return []
        alerts = self._advance(number)
        subject = self._subject(signal.subject, number)
        subject.take(signal, number)
        return alerts

    def advance(self, now: datetime) -> list[Alert]:
        return self._advance(self._grid.bin(now))

    def _advance(self, current: int) -> list[Alert]:
        if self._open is None:
            self._open = current
        alerts: list[Alert] = []
        while self._open < current:
            alerts += self._close(self._open)
            self._open += 1
        return alerts

    def _subject(self, name: str, number: int) -> Subject:
        subject = self._subjects.get(name)
        if subject is None:
            subject = self._new(name, number)
        elif name not in self._active:
            self._catch_up(subject, number)
        self._active.add(name)
        self._touched.add(name)
        return subject

    def _new(self, name: str, number: int) -> Subject:
        subject = Subject(name)
        subject.passed.bins = number
        subject.passed.seasons = self._market.sums.seasons
        subject.volume.exposure = self._all.volume.exposure
        self._market.sums.subjects += 1
        self._subjects[name] = subject
        return subject

    def _catch_up(self, subject: Subject, number: int) -> None:
        passed, sums = subject.passed, self._market.sums
        bins = number - passed.bins
        if bins <= 0:
            return
        season = (sums.seasons - passed.seasons) / bins
        prior = self._market.prior()
        before = _level(subject)
        share = subject.share.usual(self._usual_share())
        subject.recent.rest(bins, subject.volume.level(prior) * season, share)
        subject.volume.rest(bins, season, prior)
        subject.share.rest(bins)
        subject.tail.watch(bins)
        self._market.tail.watch(bins)
        sums.levels += _level(subject) - before
        passed.bins, passed.seasons = number, sums.seasons

    def _usual_share(self) -> float:
        return self._all.share.usual(FIRST_SHARE)

    def _close(self, number: int) -> Iterator[Alert]:
        market = self._market
        season = market.profile.factor(number % WEEK)
        prior, scatter = market.prior(), market.usual_scatter()
        closings = []
        total, negative = 0.0, 0.0
        for name in sorted(self._active):
            subject = self._subjects[name]
            expected = subject.volume.expect(prior, season, scatter)
            believed = expected.believable(subject.open.volume)
            if subject.open.volume:
                total += believed
                negative += subject.open.negative * believed / subject.open.volume
            closings.append(Closing(subject, expected, believed))
        everything = self._all
        everything.open = Open(total, negative, sum(c.subject.open.stories for c in closings), sum(c.subject.open.signals for c in closings))
        whole = everything.volume.expect(prior, season, scatter)
        warm = market.sums.bins >= WARM_UP
        usual = self._usual_share()
        recent = everything.recent
        now = (recent.negative + 20.0 * usual) / (recent.volume + 20.0)
        shift = max(log_odds(now) - log_odds(usual), 0.0)
        for closing in closings:
            ex = closing.expected
            others = max(whole.mean - ex.mean, 0.0)
            move = max((whole.size + total - closing.believed) / (whole.size + others), 1.0)
            share = shifted(min(max(closing.subject.share.usual(usual), .01), .95), shift)
            yield from self._closed(closing, number, season, move, share, warm)
        yield from self._closed(Closing(everything, whole, whole.believable(total)), number, season, 1.0, usual, warm)
        level = max(everything.volume.level(prior), 1e-6)
        market.profile.learn(number % WEEK, whole.believable(total) / level, level / (level + KNOWN))
        market.sums.bins += 1
        market.sums.seasons += season

    def _closed(self, closing: Closing, number: int, season: float, move: float, share: float, warm: bool) -> Iterator[Alert]:
        subject, raw, believed = closing
        market = self._market
        it = subject.open
        expected = raw if move == 1.0 else Expected(raw.mean * move, raw.size, raw.shape)
        seen = Bin(number, it.volume, it.negative, it.stories, it.signals, expected.mean, share)
        threshold = subject.tail.threshold(market.tail, self._rate)
        episode = subject.episode
        if warm:
            weigh(subject.runs, seen, expected)
            if not episode.firing:
                top = threshold + HEADROOM + log(len(EFFECTS))
                for run in subject.runs:
                    if run.statistic > top:
                        run.statistic = top
        statistic = evidence(subject.runs)
        subject.recent.add(it.volume, it.negative, raw.mean, share)
        firing = episode.firing
        if not firing:
            subject.tail.watch()
            if subject is not self._all: market.tail.watch()
            if statistic:
                subject.passed.peak = max(subject.passed.peak, min(statistic, threshold))
            elif subject.passed.peak:
                subject.tail.peak(subject.passed.peak)
                if subject is not self._all: market.tail.peak(subject.passed.peak)
                subject.passed.peak = 0.0
        pace = PACE if firing else 1.0
        before = _level(subject)
        fresh = it.negative * believed / it.volume if it.volume else 0.0
        w0, e0 = subject.volume.weight, subject.volume.excess
        subject.volume.learn(believed, season, raw, pace)
        subject.share.learn(fresh, believed, pace)
        if subject is not self._all:
            market.sums.levels += _level(subject) - before
            market.scatter.learn(believed, season, raw, pace)
        status = self._follow(subject, number, statistic, threshold, seen)
        if self._trace: self._report(subject, number, seen, statistic, threshold)
        subject.open = Open()
        subject.passed.bins, subject.passed.seasons = number + 1, market.sums.seasons + season
        if status:
            yield self._alert(subject, status, number, statistic, share)
        if subject is not self._all:
            self._touched.add(subject.name)
            if subject.resting:
                self._active.discard(subject.name)

    def _follow(self, subject: Subject, number: int, statistic: float, threshold: float, seen: Bin) -> Status | None:
        episode = subject.episode
        firing = episode.firing
        surging = False
        if firing:
            episode.total.sum(seen)
        elif statistic >= threshold:
            run = leading(subject.runs)
            surging = run.negative >= LIGHTER * run.dark * run.volume / max(run.expected, 1e-9) and not self._silenced(subject.name)
            if subject is self._all: surging = surging and len(self._members()) >= FEWEST
        status = episode.follow(number, surging=surging, calm=subject.recent.calm, effect=subject.recent.effect, wait=self._wait, keep=self._keep)
        if status == "firing":
            run = leading(subject.runs)
            episode.total.clear()
            for name in run.__slots__: setattr(episode.total, name, getattr(run, name))
            subject.tail.censored(threshold)
            if subject is not self._all: self._market.tail.censored(threshold)
            subject.passed.peak = 0.0
        elif status == "resolved":
            for run in subject.runs: run.clear()
        return status

    def _members(self) -> tuple[str, ...]:
        found = []
        for name in self._active:
            s = self._subjects[name]
            r = s.recent
            e = s.volume.expect(self._market.prior(), 1.0, self._market.usual_scatter())
            k = e.size
            llr = r.negative * log(2.5) - (r.negative + k) * log((k + 2.5 * r.dark) / (k + r.dark))
            found.append((-llr, name))
        found.sort()
        n = len(self._subjects)
        most = 0
        for place, (llr, _) in enumerate(found, 1):
            if -llr >= log(n / (DISCOVERY * place)): most = place
        return tuple(sorted(name for _, name in found[:most]))

    def _report(self, subject: Subject, number: int, seen: Bin, statistic: float, threshold: float) -> None:
        self._trace(Reading(subject.name, self._grid.start(number + 1), seen.volume, seen.expected, seen.negative / seen.volume if seen.volume else 0.0, seen.share, statistic, threshold))

    def _alert(self, subject: Subject, status: Status, number: int, statistic: float, share: float) -> Alert:
        total = subject.episode.total
        onset = self._grid.start(total.onset)
        return Alert(
            id=alert_id(subject.name, self._rule.version, onset),
            subject=subject.name, status=status,
            severity=SEVERITIES[subject.episode.phase.severity],
            onset=onset, detected_at=self._grid.start(number + 1),
            volume=total.volume, expected_volume=total.expected,
            negative_share=total.negative / total.volume if total.volume else 0.0,
            expected_share=total.dark / total.expected if total.expected else share,
            evidence=statistic / log(10),
            sources=sum(last >= total.onset for last in subject.sources.values()),
            stories=total.stories, signals=total.signals,
            headlines=shown(subject.headlines, onset),
            members=self._members() if subject is self._all and status != "resolved" else (),
            model=subject.model, rule=self._rule.version,
        )

    def _silenced(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._rule.silenced)


def _level(subject: Subject) -> float:
    return subject.volume.count / max(subject.volume.exposure, 1.0)
