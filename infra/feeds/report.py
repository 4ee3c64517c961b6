"""Say how feeds and folders fare: lines of the log, metrics, and health."""

import time
from datetime import UTC, datetime
from typing import Final

import structlog

from infra.exporter import Exporter
from schemas.metrics.processing import (
    SOURCE_FAILURES,
    SOURCE_ITEMS,
    SOURCE_POLLS,
    SOURCE_SUCCESS,
    Metric,
    Sample,
)

_log = structlog.get_logger("newsquake.source")
_AGENT: Final = "source"
_MAX_FAILURES: Final = 3
"""A feed that failed so often in a row makes the process not ready."""


class Report:
    """Receives what happens to feeds; says what is wrong with them.

    Attributes:
        exporter: The metrics.
        agents: The name of the process in answers.
        total_failures: The number of failures of all feeds.
        sent: The number of articles that were sent.
    """

    def __init__(self) -> None:
        self.exporter = Exporter()
        self.agents = (_AGENT,)
        self.total_failures = 0
        self.sent = 0
        self._failures: dict[str, tuple[int, str]] = {}

    def ready(self) -> list[str]:
        """Return a sentence for each feed that failed several times in a row."""
        failures = list(self._failures.items())
        return [
            f"{feed} failed {count} times in a row: {problem}"
            for feed, (count, problem) in failures
            if count >= _MAX_FAILURES
        ]

    def succeeded(self, feed: str, outcome: str) -> None:
        """Note a fetch; say so if the last one failed."""
        if self._failures.pop(feed, None):
            _log.info("feed is back", feed=feed)
        self._count(SOURCE_POLLS, feed, outcome)
        self.exporter(_AGENT, [Sample(SOURCE_FAILURES, 0.0, (feed,))])
        self.exporter(_AGENT, [Sample(SOURCE_SUCCESS, time.time(), (feed,))])

    def failed(self, feed: str, kind: str, problem: str, pause: float) -> None:
        """Note and say that a feed can't be fetched or read, and for how long it is left alone."""
        count = self._failures.get(feed, (0, ""))[0] + 1
        self._failures[feed] = (count, problem)
        self.total_failures += 1
        self._count(SOURCE_POLLS, feed, kind)
        self.exporter(_AGENT, [Sample(SOURCE_FAILURES, float(count), (feed,))])
        again = datetime.fromtimestamp(time.time() + pause, UTC).isoformat(timespec="seconds")
        _log.warning("feed failed", feed=feed, problem=problem, failures=count, again=again)

    def refused(self, feed: str, problem: str) -> None:
        """Note and say that an item can't be read; it is not sent."""
        self._count(SOURCE_ITEMS, feed, "refused")
        _log.warning("item refused", feed=feed, problem=problem)

    def committed(self, feed: str, count: int, corrected: int = 0) -> None:
        """Note and say that articles were sent."""
        self.sent += count
        for outcome, value in (("sent", count - corrected), ("corrected", corrected)):
            self.exporter(_AGENT, [Sample(SOURCE_ITEMS, float(value), (feed, outcome))])
        if count:
            _log.info("articles sent", feed=feed, articles=count, corrected=corrected)

    def note(self, feed: str, event: str, **facts: str) -> None:
        """Say what else a person may want to know of a feed."""
        _log.info(event, feed=feed, **facts)

    def _count(self, metric: Metric, feed: str, outcome: str) -> None:
        self.exporter(_AGENT, [Sample(metric, 1.0, (feed, outcome))])
