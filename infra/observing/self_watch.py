"""A watch over the system's own numbers, by the detector that watches the news.

Once a minute each number of each agent is a row of a series of `detection.series`. What a day looks
like is learnt; the first 24 bins, three and a half hours, are a warm-up. It is the memory of one
process: a new one learns anew.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args

import structlog

from detection.expected.bin_clock import WEEK
from detection.rule import Rule
from detection.series.series import Series
from schemas.alert import Alert
from schemas.metrics.condition import UNUSUAL, UNUSUAL_TIMES
from schemas.metrics.processing import (
    CIRCUIT_OPENED,
    DEAD_LETTERS,
    DEGRADED,
    LATE_SIGNALS,
    NOTIFICATIONS,
    RECORDS_IN,
    TRANSACTIONS,
    Sample,
)
from streams.monitoring.metrics_hook import MetricsHook

_log = structlog.get_logger("newsquake.worker")
SeriesName = Literal["throughput", "standstill", "dead_letters", "errors", "lag"]
"""Records read; seconds without one; records set aside; failures; and offsets still to handle."""
ROW_SECONDS: Final = 60.0
RULE: Final = Rule(
    bin=timedelta(days=1) / WEEK, keep_firing_for=timedelta(minutes=15), lateness=timedelta(0)
)
"""The detector learns a pattern of 168 bins: of a week of hours in the news, here of a day."""
_ERRORS: Final = frozenset({CIRCUIT_OPENED, DEGRADED, LATE_SIGNALS})
_OUTCOMES: Final = frozenset({TRANSACTIONS, NOTIFICATIONS})
_GOOD: Final = frozenset({"committed", "delivered"})
"""Outcomes of transactions and of notifications that are no errors."""


class Event(NamedTuple):
    """A number that became unusual, or is usual again."""

    agent: str
    series: SeriesName
    alert: Alert


class SelfWatch:
    """Sums what agents count, and weighs it once a minute; called as a `MetricsHook`.

    It is called once for each transaction. Weighing is one row a series and a
    minute, under a millisecond each.
    """

    def __init__(self, agents: Iterable[str], rule: Rule = RULE) -> None:
        self._agents = tuple(agents)
        self._series = {
            (agent, name): Series(rule) for agent in self._agents for name in get_args(SeriesName)
        }
        self._sums: defaultdict[str, Counter[SeriesName]] = defaultdict(Counter)
        self._lags: defaultdict[str, list[int]] = defaultdict(list)
        self._busy: defaultdict[str, set[int]] = defaultdict(set)

    def __call__(self, agent: str, samples: Iterable[Sample]) -> None:
        """Add the samples of an agent."""
        sums = self._sums[agent]
        for metric, value, labels, *_ in samples:
            if metric is RECORDS_IN:
                sums["throughput"] += int(value)
                self._busy[agent].add(int(time.monotonic()))
            elif metric is DEAD_LETTERS:
                sums["dead_letters"] += int(value)
            elif metric in _ERRORS or (metric in _OUTCOMES and labels[-1] not in _GOOD):
                sums["errors"] += int(value)

    def note_lag(self, behind: Mapping[str, int]) -> None:
        """Note the offsets that each agent has still to handle; may be called at any time."""
        for agent, lag in behind.items():
            self._lags[agent].append(lag)

    def weigh(self, now: datetime, seconds: float = ROW_SECONDS) -> Iterator[Event]:
        """End a row of ``seconds`` at ``now`` (aware), and yield what changed."""
        for agent in self._agents:
            sums, lags = self._sums.pop(agent, Counter()), self._lags.pop(agent, [0])
            idle = max(0.0, seconds - len(self._busy.pop(agent, set())))
            values: dict[SeriesName, float] = {
                "throughput": sums["throughput"],
                "standstill": idle,
                "dead_letters": sums["dead_letters"],
                "errors": sums["errors"],
                "lag": sum(lags) / len(lags),
            }
            for name, value in values.items():
                for alert in self._series[agent, name].count(now, value):
                    yield Event(agent, name, alert)

    async def run(self, observe: MetricsHook, interval_seconds: float = ROW_SECONDS) -> None:
        """Weigh a row every ``interval_seconds``, and tell what is unusual, until cancelled."""
        for agent, name in self._series:
            observe(agent, [Sample(UNUSUAL, 0.0, (name,)), Sample(UNUSUAL_TIMES, 0.0, (name,))])
        while True:
            await asyncio.sleep(interval_seconds)
            for event in self.weigh(datetime.now(UTC), interval_seconds):
                tell(event, observe)


def tell(event: Event, observe: MetricsHook) -> None:
    """Log an event, and count it."""
    agent, series, alert = event
    if alert.status == "resolved":
        observe(agent, [Sample(UNUSUAL, 0.0, (series,))])
        _log.info("the system's own numbers are usual again", agent=agent, series=series)
        return
    if alert.status == "firing":
        observe(agent, [Sample(UNUSUAL, 1.0, (series,)), Sample(UNUSUAL_TIMES, 1.0, (series,))])
    _log.warning(
        "the system's own numbers are unusual",
        agent=agent,
        series=series,
        since=alert.onset.isoformat(timespec="seconds"),
        observed=round(alert.volume, 1),
        expected=round(alert.expected_volume, 1),
        severity=alert.severity,
    )
