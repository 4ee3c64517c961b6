"""The same life-cycle for numbers without texts: rows of time and value.

>>> from datetime import UTC
>>> from random import Random
>>> dice, series, alerts = Random(7), Series(Rule()), []
>>> for row in range(2000):
...     at = datetime(2024, 1, 1, tzinfo=UTC) + row * timedelta(minutes=5)
...     alerts += series.count(at, dice.randrange(20, 40) * (8 if 1500 <= row < 1520 else 1))
>>> [f"{it.detected_at:%d %b %H:%M} {it.status}" for it in alerts]
['06 Jan 05:00 firing', '06 Jan 18:45 resolved']
"""

from copy import copy
from datetime import datetime, timedelta
from statistics import median
from typing import Final, NamedTuple

from detection.alerting.alert_message import alert_message
from detection.alerting.alert_state import HYSTERESIS, AlertState
from detection.bins import Bin, ratio
from detection.evidence.online_fdr import TRIAL_BINS, OnlineFdr
from detection.evidence.peak_tail import PEAK_FLOOR
from detection.expected.bin_clock import EPOCH, WEEK, BinClock
from detection.rule import MONTH, Rule
from detection.series.series_baseline import SeriesBaseline
from detection.series.time_scale import SeriesRow, TimeScale
from detection.series.variance_model import FIRST
from detection.trace import TracePoint
from schemas.alert import Alert, Status

SUBJECT: Final = "series"
HALF_LIVES: Final = (0.1, 1.0, 12.0)
"""Bins: a spike, a surge, a busy day."""
LATELY: Final = 1
"""Which of these tells whether something still goes on."""
GAP: Final = 1.5
"""Times the time between rows from which rows are missing."""
SETTLED: Final = 12
"""Bins after which what lasts is the usual, if a week of the rule's bins is shorter."""
MOST: Final = 1e60
"""Values that can be squared and squared again."""
_TICK: Final = timedelta(microseconds=1)


class Span(NamedTuple):
    """A row's time: how long it is since the last one, how long a row usually is, and a bin."""

    begin: datetime
    gap: timedelta
    step: timedelta
    bin: timedelta

    @property
    def gaps(self) -> float:
        """Bins since the last row."""
        return self.gap / self.bin

    @property
    def bins(self) -> float:
        """Bins of a row."""
        return self.step / self.bin


class Series:
    """Counts at regular times, oldest first; a row that is not later than the last is ignored.

    The first row begins the series, every other one tells what came since the one before. A bin is
    the rule's, or a row if that is longer. ``reading`` is what the last row showed.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self.reading: TracePoint | None = None
        self._grid = BinClock(rule.bin)
        self._level = SeriesBaseline()
        self._scales = [TimeScale(half_life) for half_life in HALF_LIVES]
        self._episode, self._discoveries = AlertState(), OnlineFdr()
        self._last: datetime | None = None
        self._gap: timedelta | None = None

    def count(self, at: datetime, value: float) -> list[Alert]:
        """One row: ``value`` things, from 0 to `MOST`, happened up to ``at`` (aware)."""
        last = self._last
        if last and at <= last:
            return []
        self._last = at
        if not last:
            return []
        gap = at - last
        # After a gap, or where rows become longer, the one before tells how long a row is.
        step = min(gap, self._gap or gap)
        self._gap = gap
        span = Span(last, gap, step, max(step, self._rule.bin))
        if not self._level.warm:
            swing = self._level.begin(value, span.bins)
            for scale in self._scales:
                scale.spread.first = max(swing, FIRST)
            return []
        return self._counted(at, value, span)

    def _counted(self, at: datetime, value: float, span: Span) -> list[Alert]:
        episode, number = self._episode, (span.begin - EPOCH) // _TICK
        place = self._grid.bin(at) % WEEK
        mean = _expected(self._level.expect(place), value, span)
        it = Bin(number, value, value, mean, baseline=mean)
        self._weigh(it, span)
        leading = max(self._scales, key=lambda scale: scale.beyond)
        if episode.is_firing:
            episode.total.add(it)
        self._learn(place, it, span)
        self._settle(number, span)
        status = self._conclude(leading, number, span)
        self.reading = _reading(it, at, leading)
        return [self._alert(status, at, leading.evidence)] if status else []

    def _weigh(self, it: Bin, span: Span) -> None:
        row = SeriesRow(it, span.gaps)
        rate = self._rule.false_alarms_per_subject_month * (span.bin / MONTH) / len(HALF_LIVES)
        firing = self._episode.is_firing
        for scale in self._scales:
            scale.weigh(row, self._level.exposure)
            scale.conclude(rate, span.bins, firing=firing)

    def _learn(self, place: int, it: Bin, span: Span) -> None:
        if span.gap > GAP * span.step:
            return
        believed = self._scales[0].believable(it.volume, it.expected)
        self._level.learn(place, believed, span.bins, firing=self._episode.is_firing)
        if not self._episode.is_firing:
            for scale in self._scales:
                scale.learn(span.bins)

    def _settle(self, number: int, span: Span) -> None:
        """What lasts for long enough becomes the usual, as far as it still goes on."""
        after = max(WEEK * self._rule.bin, SETTLED * span.bin)
        if not self._episode.is_rebaseline_due(number, after / _TICK):
            return
        self._episode.rebaselined = number
        total = self._episode.total
        now = median(scale.times for scale in self._scales)
        times = max(min(ratio(total.volume, total.expected), now), 1.0)
        self._level.settle(times)
        for scale in self._scales:
            scale.settle(times)

    def _conclude(self, leading: TimeScale, number: int, span: Span) -> Status | None:
        episode, rule = self._episode, self._rule
        effect = max(scale.effect for scale in self._scales)
        low = all(it.evidence < HYSTERESIS * it.threshold for it in self._scales)
        calm = low or self._scales[LATELY].evidence < PEAK_FLOOR
        wait, keep = rule.for_ / _TICK, rule.keep_firing_for / _TICK
        status = episode.step(number, leading.beyond >= 0.0, calm, effect, wait, keep)
        if status == "firing":
            episode.total = copy(leading.since)
            episode.rule = rule.number
            episode.proof = self._discoveries.next_level()
        elif status == "resolved":
            for scale in self._scales:
                scale.forget()
        if not episode.is_proven(number, leading.beyond, TRIAL_BINS * (span.bin / _TICK)):
            return status
        episode.discovery = True
        self._discoveries.discoveries += 1.0
        return status or "escalated"

    def _alert(self, status: Status, at: datetime, evidence: float) -> Alert:
        onset = EPOCH + self._episode.total.onset * _TICK
        return alert_message(
            SUBJECT, status, self._episode, onset=onset, detected_at=at, evidence=evidence
        )


def _expected(level: float, value: float, span: Span) -> float:
    """After a gap, a row tells of all of it or of its end; it is taken as the more ordinary one."""
    least = level * span.bins
    if span.gap <= GAP * span.step:
        return least
    return min(max(value, least), level * span.gaps)


def _reading(it: Bin, at: datetime, leading: TimeScale) -> TracePoint:
    evidence, threshold = leading.evidence, leading.threshold
    return TracePoint(SUBJECT, at, it.volume, it.expected, 0.0, 0.0, evidence, threshold)
