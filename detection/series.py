"""The same statistic for numbers without texts: rows of time and value.

>>> from datetime import UTC
>>> from random import Random
>>> dice, series, alerts = Random(7), Series(Rule()), []
>>> for row in range(2000):
...     at = datetime(2024, 1, 1, tzinfo=UTC) + row * timedelta(minutes=5)
...     alerts += series.count(at, dice.randrange(20, 40) * (8 if 1500 <= row < 1520 else 1))
>>> [f"{it.detected_at:%d %b %H:%M} {it.status}" for it in alerts]
['06 Jan 05:00 firing', '06 Jan 05:05 escalated', '06 Jan 06:00 escalated', '06 Jan 14:20 resolved']
"""

from datetime import UTC, datetime, timedelta
from math import inf
from typing import Final

from detection.alarm import Alarm, Common, Said, Terms
from detection.bins import Bin
from detection.closing import WARM_UP
from detection.cusum import HEADROOM, Cusum
from detection.discoveries import TRIAL, Discoveries
from detection.grid import WEEK, Grid
from detection.profile import Profile
from detection.reading import Reading
from detection.report import alert
from detection.rule import MONTH, Rule
from detection.volume import FIRST_SCATTER, Expected, Prior, Volume
from detection.window import Window
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
        self._volume, self._window = Volume(), Window()
        self._cusum, self._alarm = Cusum(), Alarm()
        self._common = Common((self._alarm.tail,), Discoveries())
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
        alarm, place = self._alarm, self._grid.bin(at) % WEEK
        season = self._profile.factor(place)
        expected = self._volume.expect(self._prior, season, FIRST_SCATTER)
        begin, mean = int(last.timestamp()), expected.mean
        it = Bin(begin, value, value, mean, ordinary=mean)
        terms = _terms(self._rule, at - last)
        threshold = alarm.tail.threshold(alarm.tail, terms.rate)
        evidence = self._weigh(it, expected, threshold)
        self._learn(place, expected, value, season, (at - last) / self._rule.bin)
        said = self._said(evidence, threshold)
        status = alarm.conclude(said, it.number, terms, self._common)
        if status == "resolved":
            self._cusum.clear()
        self.reading = _reading(it, at, evidence, threshold)
        return [self._alert(status, at, evidence)] if status else []

    def _weigh(self, it: Bin, expected: Expected, threshold: float) -> float:
        self._window.add(it)
        if self._rows > WARM_UP:
            firing = self._alarm.episode.firing
            self._cusum.weigh(it, expected, inf if firing else threshold + HEADROOM)
        self._alarm.count(it)
        return self._cusum.evidence

    def _said(self, evidence: float, threshold: float) -> Said:
        cusum, window = self._cusum, self._window
        return Said(cusum.leading, evidence, threshold, cusum.over, window.calm, window.effect)

    def _learn(
        self, place: int, expected: Expected, value: float, season: float, bins: float
    ) -> None:
        usual = max(self._volume.level(self._prior), 1e-6)
        believed, pace = expected.believable(value), self._alarm.pace
        self._profile.learn(place, believed / usual, min(bins, 1.0) * pace)
        self._volume.learn(believed, season, expected, pace)

    def _alert(self, status: Status, at: datetime, evidence: float) -> Alert:
        episode = self._alarm.episode
        onset = datetime.fromtimestamp(episode.total.onset, UTC)
        version = self._rule.version
        return alert(SUBJECT, status, episode, onset=onset, at=at, evidence=evidence, rule=version)


def _terms(rule: Rule, step: timedelta) -> Terms:
    rate = rule.false_alarms_per_subject_month * (step / MONTH)
    trial = TRIAL * max(rule.bin, step)
    return Terms(rate, rule.for_ / _SECOND, rule.keep_firing_for / _SECOND, trial / _SECOND)


def _reading(it: Bin, at: datetime, evidence: float, threshold: float) -> Reading:
    return Reading(SUBJECT, at, it.volume, it.expected, 0.0, 0.0, evidence, threshold)
