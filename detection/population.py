"""All subjects together: signals in event-time order in, alerts out."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from math import lgamma, log
from typing import Final, Self

import orjson

from detection.grid import Grid
from detection.reading import Reading
from detection.rule import MONTH, Rule
from detection.story import NEAR, distance
from detection.subject import Subject
from detection.telling import keep, shown
from schemas.alert import Alert, Severity, Status
from schemas.identity import alert_id
from schemas.signal import Signal

Trace = Callable[[Reading], None]

_CLOCK: Final = "clock"
_SUBJECT: Final = "subject|"
_FADE: Final = 1 - 1 / (24 * 30)
_SEVERITIES: Final[tuple[Severity, ...]] = ("minor", "major", "critical")


class Population:
    """The detector of one domain. ``late`` counts signals whose bin had been closed.

    Whatever is due at a time happens in the order of time and subject, so what comes out is a
    function of the signals and of event time alone.
    """

    def __init__(self, rule: Rule, trace: Trace | None = None) -> None:
        self.late = 0
        self._rule = rule
        self._trace = trace
        self._grid = Grid(rule.bin)
        self._subjects: dict[str, Subject] = {}
        self._touched: set[str] = set()
        self._open: int | None = None
        self._threshold = log(MONTH / rule.bin / rule.false_alarms_per_subject_month)

    @classmethod
    def rebuilt(
        cls, rule: Rule, entries: Iterable[tuple[str, bytes]], trace: Trace | None = None
    ) -> Self:
        """The population that wrote ``entries``: for each name the last bytes of `changes`."""
        population = cls(rule, trace)
        for name, value in entries:
            if name == _CLOCK:
                population._open, population.late = orjson.loads(value)
            else:
                subject = Subject.from_bytes(value)
                population._subjects[subject.name] = subject
        return population

    def changes(self) -> Iterator[tuple[str, bytes | None]]:
        """What changed since the last call: a name, and its bytes or None where it is gone."""
        for name in sorted(self._touched):
            yield _SUBJECT + name, self._subjects[name].to_bytes()
        if self._touched:
            yield _CLOCK, orjson.dumps([self._open, self.late])
        self._touched.clear()

    def count(self, signal: Signal) -> list[Alert]:
        """Take a signal in, after all that was due before it."""
        alerts = self.advance(signal.published)
        if self._open is not None and self._grid.bin(signal.published) < self._open:
            self.late += 1
            return alerts
        subject = self._subjects.get(signal.subject)
        if subject is None:
            subject = Subject(signal.subject, self._open or 0)
            self._subjects[signal.subject] = subject
        self._touched.add(signal.subject)
        self._take(subject, signal)
        return alerts

    def advance(self, now: datetime) -> list[Alert]:
        """Event time has come to ``now``: close the bins that ended, resolve what is calm."""
        current = self._grid.bin(now)
        if self._open is None:
            self._open = current
        alerts: list[Alert] = []
        while self._open < current:
            alerts += self._close(self._open)
            self._open += 1
        return alerts

    def _take(self, subject: Subject, signal: Signal) -> None:
        novel = not any(distance(signal.story, story) <= NEAR for story in subject.recent)
        weight = signal.relevance if novel or not signal.story else 0.0
        if novel:
            subject.recent = [*subject.recent[-7:], signal.story]
        subject.stories += novel
        subject.open += weight
        subject.open_negative += weight * signal.negative
        subject.signals += 1
        subject.model = signal.model
        if signal.source not in subject.sources and len(subject.sources) < 16:
            subject.sources.append(signal.source)
        subject.headlines = keep(subject.headlines, signal)

    def _close(self, number: int) -> Iterator[Alert]:
        for name in sorted(self._subjects):
            yield from self._closed(self._subjects[name], number)

    def _closed(self, subject: Subject, number: int) -> Iterator[Alert]:
        self._touched.add(subject.name)
        expected = (subject.rate + 0.5) / (subject.exposure + 24)
        self._weigh(subject, expected, number)
        share = (subject.mass + 0.3) / (subject.share + 1.0)
        self._report(subject, expected, share, number)
        subject.rate = subject.rate * _FADE + subject.open
        subject.exposure = subject.exposure * _FADE + 1
        subject.share = subject.share * _FADE + subject.open
        subject.mass = subject.mass * _FADE + subject.open_negative
        subject.open = subject.open_negative = 0.0
        yield from self._alerts(subject, share, number)

    def _weigh(self, subject: Subject, expected: float, number: int) -> None:
        gain = _surge(subject.open, expected)
        if subject.statistic == 0.0 and subject.since is None:
            subject.onset, subject.volume, subject.expected, subject.negative = number, 0.0, 0.0, 0
            if gain <= 0:
                subject.signals = subject.stories = 0
                subject.sources, subject.headlines = [], []
        subject.statistic = max(0.0, min(subject.statistic + gain, 3 * self._threshold))
        subject.volume += subject.open
        subject.expected += expected
        subject.negative += subject.open_negative

    def _report(self, subject: Subject, expected: float, share: float, number: int) -> None:
        if self._trace:
            at = self._grid.start(number + 1)
            seen = subject.open_negative / subject.open if subject.open else 0.0
            reading = Reading(
                subject.name,
                at,
                subject.open,
                expected,
                seen,
                share,
                subject.statistic,
                self._threshold,
            )
            self._trace(reading)

    def _alerts(self, subject: Subject, share: float, number: int) -> Iterator[Alert]:
        ratio = subject.volume / max(subject.expected, 1e-9)
        severity = (ratio > 4) + (ratio > 10)
        high = subject.statistic >= self._threshold
        if high:
            subject.calm = number
        if subject.since is None and high and not self._silenced(subject.name):
            subject.since, subject.severity = number, severity
            yield self._alert(subject, "firing", share, number)
        elif subject.since is not None and high and severity > subject.severity:
            subject.severity = severity
            yield self._alert(subject, "escalated", share, number)
        elif subject.since is not None and (
            (number - subject.calm) * self._rule.bin >= self._rule.keep_firing_for
        ):
            yield self._alert(subject, "resolved", share, number)
            subject.since, subject.statistic = None, 0.0

    def _alert(self, subject: Subject, status: Status, share: float, number: int) -> Alert:
        onset = self._grid.start(subject.onset)
        return Alert(
            id=alert_id(subject.name, self._rule.version, onset),
            subject=subject.name,
            status=status,
            severity=_SEVERITIES[subject.severity],
            onset=onset,
            detected_at=self._grid.start(number + 1),
            volume=subject.volume,
            expected_volume=subject.expected,
            negative_share=subject.negative / subject.volume if subject.volume else 0.0,
            expected_share=share,
            evidence=subject.statistic / log(10),
            sources=len(subject.sources),
            stories=subject.stories,
            signals=subject.signals,
            headlines=shown(subject.headlines),
            model=subject.model,
            rule=self._rule.version,
        )

    def _silenced(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._rule.silenced)


def _surge(count: float, expected: float, size: float = 1.0, factor: float = 3.0) -> float:
    """Log likelihood ratio of a surge to ``factor`` times the expected: negative binomial."""
    return _log_probability(count, factor * expected, size) - _log_probability(
        count, expected, size
    )


def _log_probability(count: float, mean: float, size: float) -> float:
    return (
        lgamma(count + size)
        - lgamma(size)
        + size * log(size / (size + mean))
        + count * log(mean / (size + mean))
    )
