"""Detector of surges in numbers without texts: rows of a time and a value.

The life of an alert is that of alerts on news.

>>> from datetime import UTC
>>> from random import Random
>>> dice, series, alerts = Random(7), Series(Rule()), []
>>> for row in range(2000):
...     at = datetime(2024, 1, 1, tzinfo=UTC) + row * timedelta(minutes=5)
...     alerts += series.count(at, dice.randrange(20, 40) * (8 if 1500 <= row < 1520 else 1))
>>> [f"{alert.detected_at:%d %b %H:%M} {alert.status}" for alert in alerts]
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
from detection.series.time_scale import TimeScale
from detection.series.variance_model import INITIAL_QUADRATIC
from detection.trace import TracePoint
from schemas.alert import Alert, Status

SUBJECT: Final = "series"
"""Subject of the alerts: there is only one series."""
HALF_LIVES_BINS: Final = (0.1, 1.0, 12.0)
"""Half-lives of the time scales: for a spike, a surge and a busy day."""
CURRENT_SCALE: Final = 1
"""Index of the time scale that decides whether a surge still goes on."""
MIN_GAP_ROWS: Final = 1.5
"""A pause longer than this many rows is a gap: rows are missing."""
MIN_REBASELINE_BINS: Final = 12
"""Bins of firing, at least, after which a new level becomes the baseline."""
MAX_VALUE: Final = 1e60
"""Upper bound of a value: its fourth power must be finite."""
_TICK: Final = timedelta(microseconds=1)
"""Unit of the bin numbers of a series, because its rows may come at any time."""


class Span(NamedTuple):
    """Time of a row.

    Attributes:
        begin: Time of the row before.
        elapsed: Time since then.
        row: Usual time between two rows.
        bin: Length of a bin: that of the rule, or ``row`` if that is longer.
    """

    begin: datetime
    elapsed: timedelta
    row: timedelta
    bin: timedelta

    @property
    def elapsed_bins(self) -> float:
        """Return the bins since the row before."""
        return self.elapsed / self.bin

    @property
    def row_bins(self) -> float:
        """Return the length of a usual row in bins."""
        return self.row / self.bin

    @property
    def has_gap(self) -> bool:
        """Return whether rows are missing before this one."""
        return self.elapsed > MIN_GAP_ROWS * self.row

    def expected(self, mean: float, value: float) -> float:
        """Return the expected value of the row, from the expected value of a bin.

        After a gap, a row may hold what happened during the gap, or only during its end. The
        expectation is then between the two, as close to ``value`` as possible.
        """
        expected = mean * self.row_bins
        if self.has_gap:
            return min(max(value, expected), mean * self.elapsed_bins)
        return expected


class Series:
    """Detector of one series of rows at regular times, oldest first.

    The first row begins the series. The value of every other row is what happened since the row
    before. A row that is not later than the one before is ignored.

    Attributes:
        trace_point: What the last row showed; None during the warm-up.
    """

    def __init__(self, rule: Rule) -> None:
        self.trace_point: TracePoint | None = None
        self._rule = rule
        self._clock = BinClock(rule.bin)
        self._baseline = SeriesBaseline()
        self._scales = [TimeScale(half_life) for half_life in HALF_LIVES_BINS]
        self._alert, self._discoveries = AlertState(), OnlineFdr()
        self._last_time: datetime | None = None
        self._last_elapsed: timedelta | None = None

    def count(self, time: datetime, value: float) -> list[Alert]:
        """Count ``value`` things, from 0 to `MAX_VALUE`, that happened up to ``time`` (aware).

        Return the change of the alert, if there is one.
        """
        span = self._next_span(time)
        if span is None:
            return []
        if not self._baseline.is_warm:
            dispersion = self._baseline.warm_up(value, span.row_bins)
            for scale in self._scales:
                scale.variance_model.initial_quadratic = max(dispersion, INITIAL_QUADRATIC)
            return []

        number, bin_of_week = (span.begin - EPOCH) // _TICK, self._clock.bin(time) % WEEK
        expected = span.expected(self._baseline.expect(bin_of_week), value)
        row = Bin(number, value, value, expected, baseline=expected)

        self._weigh(row, span)
        leading = max(self._scales, key=lambda scale: scale.excess)
        if self._alert.is_firing:
            self._alert.total.add(row)
        if not span.has_gap:
            value = self._scales[0].clip(row.volume, row.expected)
            self._baseline.learn(bin_of_week, value, span.row_bins, firing=self._alert.is_firing)
            if not self._alert.is_firing:
                for scale in self._scales:
                    scale.learn(span.row_bins)
        self._rebaseline(number, span)
        status = self._step(leading, number, span)

        evidence = leading.evidence
        self.trace_point = TracePoint(
            SUBJECT, time, row.volume, row.expected, 0.0, 0.0, evidence, leading.threshold
        )
        if status is None:
            return []
        onset = EPOCH + self._alert.total.onset * _TICK
        return [
            alert_message(
                SUBJECT, status, self._alert, onset=onset, detected_at=time, evidence=evidence
            )
        ]

    def _next_span(self, time: datetime) -> Span | None:
        """Return the time of a row, or None if the row is the first or not later than the last."""
        last = self._last_time
        if last and time <= last:
            return None
        self._last_time = time
        if not last:
            return None
        elapsed = time - last
        # After a gap, or where rows become longer, the pause before says how long a row is.
        row = min(elapsed, self._last_elapsed or elapsed)
        self._last_elapsed = elapsed
        return Span(last, elapsed, row, max(row, self._rule.bin))

    def _weigh(self, row: Bin, span: Span) -> None:
        """Update the evidence and the threshold of each time scale."""
        alerts_per_bin = self._rule.false_alarms_per_subject_month * (span.bin / MONTH)
        rate = alerts_per_bin / len(HALF_LIVES_BINS)
        for scale in self._scales:
            scale.weigh(row, span.elapsed_bins, self._baseline.exposure)
            scale.update_threshold(rate, span.row_bins, firing=self._alert.is_firing)

    def _rebaseline(self, number: int, span: Span) -> None:
        """Make a level that lasts for a week the baseline, as far as it still goes on."""
        after = max(WEEK * self._rule.bin, MIN_REBASELINE_BINS * span.bin)
        if not self._alert.is_rebaseline_due(number, after / _TICK):
            return
        self._alert.rebaselined = number
        total = self._alert.total
        current = median(scale.factor for scale in self._scales)
        factor = max(min(ratio(total.volume, total.expected), current), 1.0)
        self._baseline.rescale(factor)
        for scale in self._scales:
            scale.rescale(factor)

    def _step(self, leading: TimeScale, number: int, span: Span) -> Status | None:
        """Advance the alert by a row, by the evidence of the ``leading`` time scale."""
        alert, rule = self._alert, self._rule
        effect = max(scale.effect for scale in self._scales)
        is_low = all(scale.evidence < HYSTERESIS * scale.threshold for scale in self._scales)
        calm = is_low or self._scales[CURRENT_SCALE].evidence < PEAK_FLOOR
        wait, keep = rule.for_ / _TICK, rule.keep_firing_for / _TICK
        status = alert.step(number, leading.excess >= 0.0, calm, effect, wait, keep)

        if status == "firing":
            alert.total = copy(leading.since)
            alert.rule = rule.number
            alert.proof = self._discoveries.next_level()
        elif status == "resolved":
            for scale in self._scales:
                scale.discard_surge()

        if not alert.is_proven(number, leading.excess, TRIAL_BINS * (span.bin / _TICK)):
            return status
        alert.discovery = True
        self._discoveries.discoveries += 1.0
        return status or "escalated"
