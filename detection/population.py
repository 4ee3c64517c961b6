"""The detector of one domain: signals in event-time order in, alerts out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Final, Self

import orjson

from detection.alerting.alert_message import alert_message
from detection.alerting.alert_policy import AlertPolicy
from detection.bin_close import BinResult, close_bin
from detection.bins import Total
from detection.early_look import is_worth_a_look, look
from detection.evidence.market_members import e_bh, e_value, top_contributors
from detection.expected.bin_clock import BinClock
from detection.expected.overdispersion import window_dispersion
from detection.expected.population_priors import MAX_SILENT_BINS, PopulationPriors
from detection.expected.trimmed_market import TrimmedMarket
from detection.population_context import PopulationContext
from detection.rule import Rule
from detection.stories.headlines import as_headlines, top
from detection.subject_state import Subject
from detection.subject_table import SubjectTable
from detection.trace import TracePoint, trace_point
from schemas.alert import MARKET, Alert, Status
from schemas.signal import Signal

Trace = Callable[[TracePoint], None]

CLOCK_NAME: Final = "clock"
PRIORS_NAME: Final = "market"
MARKET_NAME: Final = "all"
OTHERS_NAME: Final = "others"
SUBJECT_PREFIX: Final = "subject|"

_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
MEMBER_BINS: Final = 12
"""A subject can be a member of the market's move if it had news within so many bins: the move is of
now, not of yesterday."""


class Population:
    """All subjects of a domain, and the market that they make up.

    Bins close in order of time, and in each the subjects in order of name. So the alerts are a
    function of the signals, in their order, and of event time alone. A subject costs nothing in a
    bin without news of it, unless its alert fires; the trace shows only bins that cost something.

    Attributes:
        late: number of signals that came after their bin was closed.
    """

    def __init__(self, rule: Rule, trace: Trace | None = None) -> None:
        self.late = 0
        self._rule = rule
        self._trace = trace
        self._clock = BinClock(rule.bin)
        self._open_bin: int | None = None
        self._newest = _EARLIEST
        self._subjects = SubjectTable()
        self._busy: set[str] = set()
        self._changed: set[str] = set()
        self._time_passed = False
        self._context = PopulationContext(PopulationPriors(), Subject(MARKET), AlertPolicy.of(rule))

    @classmethod
    def rebuilt(
        cls, rule: Rule, entries: Iterable[tuple[str, bytes]], trace: Trace | None = None
    ) -> Self:
        """Return the population that wrote ``entries``: the last bytes of each name."""
        population = cls(rule, trace)
        for name, value in entries:
            if name == CLOCK_NAME:
                population._open_bin, population.late, *newest = orjson.loads(value)
                population._newest = datetime.fromisoformat(newest[0]) if newest else _EARLIEST
            elif name == PRIORS_NAME:
                population._context.priors = PopulationPriors.from_bytes(value)
            elif name == MARKET_NAME:
                population._context.market = Subject.from_bytes(value)
            elif name == OTHERS_NAME:
                population._context.others = TrimmedMarket.from_bytes(value)
            else:
                subject = name.removeprefix(SUBJECT_PREFIX)
                if population._subjects.recall(subject, value):
                    population._busy.add(subject)
        return population

    def changes(self) -> Iterator[tuple[str, bytes | None]]:
        """Yield the names of what changed since the last call, and their bytes now."""
        for name in sorted(self._changed):
            yield SUBJECT_PREFIX + name, self._subjects[name].to_bytes()
        if self._time_passed or self._changed:
            yield MARKET_NAME, self._context.market.to_bytes()
            yield OTHERS_NAME, self._context.others.to_bytes()
            yield PRIORS_NAME, self._context.priors.to_bytes()
            yield CLOCK_NAME, orjson.dumps([self._open_bin, self.late, self._newest])
        self._changed.clear()
        self._time_passed = False

    def count(self, signal: Signal) -> list[Alert]:
        """Count a signal and return the alerts that were due before it."""
        number, name = self._clock.bin(signal.published), signal.subject
        if self._open_bin is not None and number < self._open_bin:
            self.late += 1
            self._time_passed = True
            return []
        alerts = [] if number == self._open_bin else self._close_before(number)
        subject = self._subjects.get(name)
        if subject is None:
            subject = self._context.newcomer(name, number)
            self._subjects.add(subject)
        self._busy.add(name)
        self._changed.add(name)
        news = subject.take(signal, number)
        self._newest = max(self._newest, signal.published)
        if news:
            self._context.market.detector.open.add(*news)
            if not self._context.policy.wait and is_worth_a_look(subject.detector):
                alerts += self._look(subject, number)
        return alerts

    def _look(self, subject: Subject, number: int) -> list[Alert]:
        """Return the alert that fires before the open bin has ended, if one does.

        Its time is that of the newest signal: the one that decides may be an older straggler.
        """
        self._context.catch_up(subject, number)
        result = look(self._context, number, subject, self._may_alert)
        if result is None:
            return []
        total = replace(subject.detector.alert.total)
        total.add(result.bin)
        alert = self._alert(result, "firing", self._newest, total)
        subject.last_change.note(number, alert.headlines)
        return [alert]

    def advance(self, now: datetime) -> list[Alert]:
        """Return the alerts that are due because event time has come to ``now``."""
        return [] if self._open_bin is None else self._close_before(self._clock.bin(now))

    def _close_before(self, number: int) -> list[Alert]:
        """Close all bins before ``number`` and return the alerts."""
        if self._open_bin is None:
            self._open_bin = number
            self._time_passed = True
        alerts: list[Alert] = []
        totals, market = self._context.priors.totals, self._context.market.detector
        while self._open_bin < number:
            self._time_passed = True
            if totals.silent_bins >= MAX_SILENT_BINS and not self._busy and not market.is_busy:
                # The feed has stopped: the time until it begins again is not counted.
                totals.bins_since_start = 0
                self._open_bin = number
                break
            alerts += self._close(self._open_bin)
            self._open_bin += 1
        return alerts

    def _close(self, number: int) -> list[Alert]:
        """Close one bin and return the alerts."""
        subjects = [self._subjects[name] for name in sorted(self._busy)]
        for subject in subjects:
            self._context.catch_up(subject, number)
        strongest = [
            self._subjects[name]
            for name in self._context.others.strongest
            if name not in self._busy
        ]
        results = close_bin(self._context, number, subjects, strongest, self._may_alert)

        self._changed |= self._busy
        self._busy = {subject.name for subject in subjects if subject.detector.is_busy}
        if self._trace:
            for result in results:
                self._trace(trace_point(result, self._clock.start(result.bin.number + 1)))
        return [alert for result in results if (alert := self._change(result))]

    def _change(self, result: BinResult) -> Alert | None:
        """Return how an alert changed by the end of a bin.

        One that goes on is updated if another headline leads, though not often.
        """
        number, subject = result.bin.number, result.subject
        if not (result.status or subject.is_update_due(number, self._context.policy.update)):
            return None
        alert = self._alert(result, result.status or "updated")
        if not (result.status or subject.last_change.is_news(alert.headlines)):
            return None
        subject.last_change.note(number, alert.headlines)
        return alert

    def _may_alert(self, name: str) -> bool:
        """Return whether a subject may alert, since no pattern silences it."""
        return not any(fnmatchcase(name, pattern) for pattern in self._rule.silenced)

    def _alert(
        self,
        result: BinResult,
        status: Status,
        now: datetime | None = None,
        total: Total | None = None,
    ) -> Alert:
        """Return the message of a change at the end of the bin, or ``now`` with this ``total``."""
        subject, alert = result.subject, result.subject.detector.alert
        if total:
            alert = replace(alert, total=total)
        onset = self._clock.start(alert.total.onset)
        members = self._members() if subject is self._context.market else ()
        subjects = [self._subjects[name] for name in members] or [subject]
        sources = {
            source
            for member in subjects
            for source, last_bin in member.sources.items()
            if last_bin >= alert.total.onset
        }
        return alert_message(
            subject.name,
            status,
            alert,
            onset=onset,
            detected_at=now or self._clock.start(result.bin.number + 1),
            evidence=result.evidence,
            sources=len(sources),
            headlines=as_headlines(top(member.headlines for member in subjects), onset),
            members=members,
            model=max(subjects, key=lambda member: member.caught_up_to.bin).model,
        )

    def _members(self) -> tuple[str, ...]:
        """Return the names of the subjects that take part in the market's move."""
        recent, pool = self._recent_subjects(), self._context.priors.window_dispersion
        values = [
            (
                subject.name,
                e_value(
                    subject.detector.window, window_dispersion(subject.detector.dispersion, pool)
                ),
            )
            for subject in recent
        ]
        return e_bh(values, len(self._subjects)) or top_contributors(
            [(subject.name, subject.detector.window.surplus) for subject in recent]
        )

    def _recent_subjects(self) -> list[Subject]:
        """Return the subjects with news within `MEMBER_BINS`."""
        since = (self._open_bin or 0) - MEMBER_BINS
        return list(self._subjects.heard_since(since))
