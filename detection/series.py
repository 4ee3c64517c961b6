"""The same statistic for numbers without texts: rows of time and value."""

from collections.abc import Iterator
from datetime import datetime
from math import log
from typing import Final

from detection.reading import Reading
from detection.rule import MONTH, Rule
from schemas.alert import Alert, Status
from schemas.identity import alert_id

SUBJECT: Final = "series"

_FADE: Final = 0.999


class Series:
    """Counts at regular times, oldest first. Alerts are detected at the time of a row."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._last: datetime | None = None
        self._rate, self._exposure, self._statistic = 0.0, 0.0, 0.0
        self._onset = self._calm = datetime.min
        self._firing = False
        self._volume = self._expected = 0.0
        self.reading: Reading | None = None

    def count(self, at: datetime, value: float) -> list[Alert]:
        """One row: ``value`` things happened up to ``at`` (aware)."""
        last, self._last = self._last, at
        return [] if last is None else list(self._counted(at, last, value))

    def _counted(self, at: datetime, last: datetime, value: float) -> Iterator[Alert]:
        expected = (self._rate + 1.0) / (self._exposure + 1.0)
        threshold = log(MONTH / (at - last) / self._rule.false_alarms_per_subject_month)
        gain = log((value + 1) / (3 * expected + 1))
        if self._statistic == 0.0 and not self._firing:
            self._onset, self._volume, self._expected = last, 0.0, 0.0
        self._statistic = max(0.0, min(self._statistic + gain, 2 * threshold))
        self._volume += value
        self._expected += expected
        self._rate = self._rate * _FADE + value
        self._exposure = self._exposure * _FADE + 1.0
        self.reading = Reading(SUBJECT, at, value, expected, 0.0, 0.0, self._statistic, threshold)
        if self._statistic >= threshold:
            self._calm = at
            if not self._firing:
                self._firing = True
                yield self._alert("firing", at)
        elif self._firing and at - self._calm >= self._rule.keep_firing_for:
            self._firing, self._statistic = False, 0.0
            yield self._alert("resolved", at)

    def _alert(self, status: Status, at: datetime) -> Alert:
        return Alert(
            id=alert_id(SUBJECT, self._rule.version, self._onset),
            subject=SUBJECT,
            status=status,
            severity="minor",
            onset=self._onset,
            detected_at=at,
            volume=self._volume,
            expected_volume=self._expected,
            negative_share=0.0,
            expected_share=0.0,
            evidence=self._statistic / log(10),
            sources=0,
            stories=0,
            signals=0,
            model="",
            rule=self._rule.version,
        )
