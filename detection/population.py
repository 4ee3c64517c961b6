"""All subjects together: signals in event-time order in, alerts out."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from math import ceil
from typing import Final, Self

import orjson

from detection.alerting.alert_message import alert_message
from detection.alerting.alert_policy import Terms
from detection.bin_close import Closing, Outcome
from detection.evidence.market_members import chosen, e_value, most, wide
from detection.evidence.online_fdr import TRIAL
from detection.expected.bin_clock import BinClock
from detection.expected.population_priors import PopulationPriors
from detection.population_context import PopulationContext
from detection.rule import MONTH, Rule
from detection.stories.headlines import as_headlines, top
from detection.subject_state import Subject, sources_since
from detection.trace import TracePoint
from schemas.alert import MARKET, Alert, Status
from schemas.signal import Signal

Trace = Callable[[TracePoint], None]

_CLOCK: Final = "clock"
_MARKET: Final = "market"
_ALL: Final = "all"
_SUBJECT: Final = "subject|"

LATELY: Final = 12
"""Bins in which a member had news."""


class Population:
    """The detector of one domain. ``late`` counts signals that came after their bin was closed.

    Bins close in order of time, and in each the subjects in order of name, so what comes out is a
    function of the signals and of event time alone. A subject costs nothing in a bin without news
    of it, unless its alert fires; so there are readings to ``trace`` only of the others.
    """

    def __init__(self, rule: Rule, trace: Trace | None = None) -> None:
        self.late = 0
        self._rule = rule
        self._trace = trace
        self._grid = BinClock(rule.bin)
        self._open: int | None = None
        self._subjects: dict[str, Subject] = {}
        self._busy: set[str] = set()
        self._touched: set[str] = set()
        self._moved = False
        self._shared = PopulationContext(PopulationPriors(), Subject(MARKET), _terms(rule))

    @classmethod
    def rebuilt(
        cls, rule: Rule, entries: Iterable[tuple[str, bytes]], trace: Trace | None = None
    ) -> Self:
        """The population that wrote ``entries``: for each name the last bytes of `changes`."""
        population = cls(rule, trace)
        for name, value in entries:
            population._recall(name, value)
        return population

    def _recall(self, name: str, value: bytes) -> None:
        if name == _CLOCK:
            self._open, self.late = orjson.loads(value)
        elif name == _MARKET:
            self._shared.market.recall(value)
        elif name == _ALL:
            self._shared.whole = Subject.from_bytes(value)
        else:
            subject = Subject.from_bytes(value)
            self._subjects[subject.name] = subject
            if subject.busy:
                self._busy.add(subject.name)

    def changes(self) -> Iterator[tuple[str, bytes | None]]:
        """What changed since the last call: names, and the bytes that they hold now."""
        for name in sorted(self._touched):
            yield _SUBJECT + name, self._subjects[name].to_bytes()
        if self._moved or self._touched:
            yield _ALL, self._shared.whole.to_bytes()
            yield _MARKET, self._shared.market.to_bytes()
            yield _CLOCK, orjson.dumps([self._open, self.late])
        self._touched.clear()
        self._moved = False

    def count(self, signal: Signal) -> list[Alert]:
        """Take a signal in, after all that was due before it."""
        number = self._grid.bin(signal.published)
        if self._open is not None and number < self._open:
            self.late += 1
            self._moved = True
            return []
        alerts = self._close_before(number) if number != self._open else []
        self._subject(signal.subject, number).take(signal, number)
        return alerts

    def advance(self, now: datetime) -> list[Alert]:
        """Event time has come to ``now``: close the bins that ended, resolve what is calm."""
        if self._open is None:
            return []
        return self._close_before(self._grid.bin(now))

    def _close_before(self, number: int) -> list[Alert]:
        if self._open is None:
            self._open = number
            self._moved = True
        alerts: list[Alert] = []
        while self._open < number:
            if self._stopped():
                self._shared.market.sums.fed = 0
                self._open, self._moved = number, True
                break
            alerts += self._close(self._open)
            self._open += 1
        return alerts

    def _stopped(self) -> bool:
        """Whether there has been no news of anybody for so long that more of that tells nothing."""
        whole, sums = self._shared.whole.detector.alarm, self._shared.market.sums
        return sums.out and not self._busy and not whole.busy

    def _subject(self, name: str, number: int) -> Subject:
        subject = self._subjects.get(name)
        if subject is None:
            subject = self._subjects[name] = self._shared.newcomer(name, number)
        self._busy.add(name)
        self._touched.add(name)
        return subject

    def _close(self, number: int) -> Iterator[Alert]:
        self._moved = True
        subjects = [self._subjects[it] for it in sorted(self._busy)]
        for subject in subjects:
            self._shared.catch_up(subject, number)
        closing = Closing(self._shared, number, subjects)
        for outcome in closing.subjects(self._may_alert):
            self._follow(outcome.subject)
            yield from self._said(outcome)
        yield from self._said(closing.whole(self._is_wide))

    def _follow(self, subject: Subject) -> None:
        self._touched.add(subject.name)
        if not subject.busy:
            self._busy.discard(subject.name)

    def _said(self, outcome: Outcome) -> Iterator[Alert]:
        if self._trace:
            self._trace(self._reading(outcome))
        if outcome.status:
            yield self._alert(outcome, outcome.status)

    def _reading(self, outcome: Outcome) -> TracePoint:
        it = outcome.bin
        return TracePoint(
            subject=outcome.subject.name,
            at=self._grid.start(it.number + 1),
            volume=it.volume,
            expected_volume=it.expected,
            negative_share=it.negative / it.volume if it.volume else 0.0,
            expected_share=it.share,
            statistic=outcome.evidence,
            threshold=outcome.threshold,
        )

    def _alert(self, outcome: Outcome, status: Status) -> Alert:
        subject, episode = outcome.subject, outcome.subject.detector.alarm.episode
        onset = self._grid.start(episode.total.onset)
        members = self._members() if subject is self._shared.whole else ()
        speaking = [self._subjects[name] for name in members] or [subject]
        return alert_message(
            subject.name,
            status,
            episode,
            onset=onset,
            at=self._grid.start(outcome.bin.number + 1),
            evidence=outcome.evidence,
            sources=sources_since(speaking, episode.total.onset),
            headlines=as_headlines(top(it.headlines for it in speaking), onset),
            members=members,
            model=max(speaking, key=lambda it: it.passed.bins).model,
        )

    def _may_alert(self, name: str) -> bool:
        return not any(fnmatchcase(name, pattern) for pattern in self._rule.silenced)

    def _is_wide(self, name: str) -> bool:
        whole = self._shared.whole.detector
        swing = whole.swinging(self._shared.market.swing)
        windows = (it.detector.window for it in self._moving())
        return self._may_alert(name) and wide(whole.window, windows, swing)

    def _members(self) -> tuple[str, ...]:
        """Who takes part in the market's move at the end of the open bin."""
        moving, swing = list(self._moving()), self._shared.market.swing
        values = [
            (it.name, e_value(it.detector.window, it.detector.swinging(swing))) for it in moving
        ]
        sure = chosen(values, len(self._subjects))
        return sure or most([(it.name, it.detector.window.surplus) for it in moving])

    def _moving(self) -> Iterator[Subject]:
        since = (self._open or 0) - LATELY
        return (it for it in self._subjects.values() if it.passed.bins > since)


def _terms(rule: Rule) -> Terms:
    rate = rule.false_alarms_per_subject_month * (rule.bin / MONTH)
    wait, keep = ceil(rule.for_ / rule.bin), ceil(rule.keep_firing_for / rule.bin)
    return Terms(rate, wait, keep, TRIAL, rule.number)
