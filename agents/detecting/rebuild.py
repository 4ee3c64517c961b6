"""Rebuild a detector's population from `news.signals`, after another detector wrote the state.

The order of the signals does not depend on the detector, so only the population is lost: it is
counted anew from the oldest signal that the topic still has. Nothing of it is written before the
first batch is handled, so a process that dies meanwhile begins again.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Final

import structlog

from detection.alerting.alert_message import alert_message
from detection.expected.bin_clock import BinClock
from detection.ordering.reorder_buffer import ReorderBuffer, SortKey, sort_key
from detection.ordering.watermarks import NEVER
from detection.population import CLOCK_NAME, OTHERS_NAME, PRIORS_NAME, Population, Trace
from detection.rule import Rule
from detection.subject_state import Subject
from schemas.alert import Alert
from schemas.signal import Signal

_SHARED: Final = (CLOCK_NAME, OTHERS_NAME, PRIORS_NAME)
"""Entries that are of no subject."""
_log = structlog.get_logger(__name__)


class Rebuild:
    """Counts the signals that another detector had counted, by the rule of this one."""

    def __init__(  # noqa: PLR0913, PLR0917 - two detectors have to be described
        self,
        rule: Rule,
        lineages: int,
        released: SortKey | None,
        former: Mapping[str, bytes],
        bins: timedelta,
        trace: Trace | None = None,
    ) -> None:
        """Begin with an empty population.

        Args:
            rule: The rule of this detector.
            lineages: The number of pairs of partitions that a signal may have come through.
            released: The sort key of the last signal that the other detector counted in order.
            former: The entries of the other detector's population.
            bins: The length of its bins.
            trace: Is called with what is observed and expected of each bin.
        """
        self._released = released
        self._former, self._bins = former, bins
        self._buffer = ReorderBuffer(rule, lineages)
        self._population = Population(rule, trace)
        self._open: dict[str, list[Alert]] = {}
        self._counted = 0
        _log.warning(
            "another detector wrote the state: it is rebuilt from news.signals",
            subjects=len(former),
            remedy="wait: all signals that the topic still has are counted again",
        )

    def offer(self, signal: Signal, sent: float, offset: int) -> None:
        """Take in the next signal of the log, if it was counted and does not wait."""
        if self._released is not None and sort_key(signal) <= self._released:
            self._buffer.offer(signal, sent, offset)
            self._count(self._buffer.release())

    def end(self, frontier: float) -> tuple[Population, list[Alert]]:
        """Return the population at the watermark ``frontier`` (Unix seconds), and alerts.

        These are the ends of the alerts that were open in the former population, and all changes
        of those that are open in this one.
        """
        self._count(self._buffer.release_before(inf))
        if self._counted and frontier > NEVER:
            self._follow(self._population.advance(_time(frontier)))
        released = self._released[0] if self._released else 0.0
        ended = list(_ends(self._former, BinClock(self._bins), _time(max(frontier, released))))
        begun = [alert for alerts in self._open.values() for alert in alerts]
        _log.warning(
            "the state is rebuilt",
            signals=self._counted,
            alerts_that_ended=len(ended),
            alerts_that_are_open=len(self._open),
        )
        return self._population, [*ended, *sorted(begun, key=lambda it: it.detected_at)]

    def _count(self, signals: Iterable[Signal]) -> None:
        for signal in signals:
            self._counted += 1
            self._follow(self._population.count(signal))

    def _follow(self, alerts: Iterable[Alert]) -> None:
        """Keep the changes of the alerts that are open."""
        for alert in alerts:
            if alert.status == "resolved":
                self._open.pop(alert.id, None)
            else:
                self._open.setdefault(alert.id, []).append(alert)


def _ends(entries: Mapping[str, bytes], clock: BinClock, now: datetime) -> Iterator[Alert]:
    """Yield the end of each alert that is open in the ``entries`` of a population."""
    for name, value in entries.items():
        if name in _SHARED:
            continue
        try:
            subject = Subject.from_bytes(value)
        except (ValueError, TypeError, LookupError, struct.error):
            _log.warning("an alert on this subject may stay open for readers", entry=name)
            continue
        alert = subject.detector.alert
        if alert.is_firing:
            yield alert_message(
                subject.name,
                "resolved",
                alert,
                onset=clock.start(alert.total.onset),
                detected_at=max(clock.start(alert.fired + 1), now),
                evidence=0.0,
                model=subject.model,
            )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
