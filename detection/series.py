"""The same statistic for numbers without texts: rows of time and value.

>>> from datetime import UTC
>>> from random import Random
>>> dice, series, alerts = Random(7), Series(Rule()), []
>>> for row in range(2000):
...     at = datetime(2024, 1, 1, tzinfo=UTC) + row * timedelta(minutes=5)
...     alerts += series.count(at, dice.randrange(20, 40) * (8 if 1500 <= row < 1520 else 1))
>>> [(alert.status, f"{alert.detected_at:%d %b %H:%M}") for alert in alerts]
[('firing', '06 Jan 05:00'), ('escalated', '06 Jan 05:40'), ('resolved', '06 Jan 13:55')]
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from detection.closing import WARM_UP
from detection.detector import Detector, Terms
from detection.evidence import Bin
from detection.grid import WEEK, Grid
from detection.profile import Profile
from detection.reading import Reading
from detection.report import alert
from detection.rule import MONTH, Rule
from detection.volume import FIRST_SCATTER, Prior
from schemas.alert import Alert, Status

SUBJECT: Final = "series"

_SECOND: Final = timedelta(seconds=1)


class Series:
    """Counts at regular times, oldest first; a row that is not later than the last is ignored.

    The first row begins a bin, every other one ends one. Alerts are detected at a row's time;
    ``reading`` is what the last row showed.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self.reading: Reading | None = None
        self._grid = Grid(rule.bin)
        self._profile = Profile()
        self._detector = Detector()
        self._prior = Prior(1.0, 1.0)
        self._last: datetime | None = None
        self._rows = 0

    def count(self, at: datetime, value: float) -> list[Alert]:
        """One row: ``value`` things happened up to ``at`` (aware)."""
        last = self._last
        if last is None:
            self._last, self._prior = at, Prior(max(value, 1.0), 1.0)
        if last is None or at <= last:
            return []
        self._last = at
        self._rows += 1
        return self._counted(last, at, value)

    def _counted(self, last: datetime, at: datetime, value: float) -> list[Alert]:
        detector, place = self._detector, self._grid.bin(at) % WEEK
        season = self._profile.factor(place)
        expected = detector.volume.expect(self._prior, season, FIRST_SCATTER)
        it = Bin(int(last.timestamp()), value, value, expected.mean)
        terms = _terms(self._rule, at - last)
        threshold = detector.tail.threshold(detector.tail, terms.rate)
        if self._rows > WARM_UP:
            detector.weigh(it, expected, threshold)
        surging, evidence = detector.surging(threshold), detector.evidence
        self._learn(place, expected.believable(value), (at - last) / self._rule.bin)
        detector.learn(it, expected.believable(value), season, expected)
        tails = (detector.tail,)
        status = detector.conclude(it, threshold, terms, tails, surging=surging)
        self.reading = _reading(it, at, evidence, threshold)
        return [self._alert(status, at, evidence)] if status else []

    def _learn(self, place: int, believed: float, bins: float) -> None:
        usual = max(self._detector.volume.level(self._prior), 1e-6)
        weight = min(bins, 1.0) * self._detector.pace
        self._profile.learn(place, believed / usual, weight)

    def _alert(self, status: Status, at: datetime, evidence: float) -> Alert:
        episode = self._detector.episode
        onset = datetime.fromtimestamp(episode.total.onset, UTC)
        version = self._rule.version
        return alert(SUBJECT, status, episode, onset=onset, at=at, evidence=evidence, rule=version)


def _terms(rule: Rule, step: timedelta) -> Terms:
    rate = rule.false_alarms_per_subject_month * (step / MONTH)
    return Terms(rate, rule.for_ / _SECOND, rule.keep_firing_for / _SECOND)


def _reading(it: Bin, at: datetime, evidence: float, threshold: float) -> Reading:
    return Reading(SUBJECT, at, it.volume, it.expected, 0.0, 0.0, evidence, threshold)
