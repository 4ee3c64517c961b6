"""Counters that are 0 from the start of a process.

Prometheus sees no rise of a series that begins with 1, and an alert rule on one that is not there
says nothing: "Avoid missing metrics" of its best practices.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, get_args

from agents.notifying.retrying import Verdict
from agents.pipeline import AGENTS
from nlp.drift.distributions import NO_TOPIC, OTHER_TOPIC
from nlp.inference.meter import Phase
from nlp.tasks import SENTIMENTS as SENTIMENT_NAMES
from nlp.tasks import TOPICS as TOPIC_NAMES
from schemas.alert import Severity, Status
from schemas.metrics import condition
from schemas.metrics import processing as metrics
from schemas.metrics.processing import Metric

Labels = tuple[str, ...]

_READING: Final = ("undecodable", "invalid", "too_large", "unsupported_schema")
_ALL: Final[Sequence[tuple[Metric, Sequence[Labels]]]] = (
    (metrics.RECORDS_IN, ((),)),
    (metrics.TRANSACTIONS, (("committed",), ("failed",))),
    (metrics.POSITIONS_CORRECTED, (("truncated",), ("retention",), ("expired",))),
    (condition.REBALANCES, ((),)),
    (condition.FUSE_SHARE, ((),)),
)
_OWN: Final[Mapping[str, Sequence[tuple[Metric, Sequence[Labels]]]]] = {
    "score": (
        (metrics.DUPLICATES, ((),)),
        (metrics.DEGRADED, ((),)),
        (metrics.CIRCUIT_OPENED, ((),)),
        (metrics.REVISIONS, (("companies",), ("correction",))),
        (condition.BATCH_TOKENS, ((),)),
        (metrics.TEXTS_SCORED, (("model",), ("memory",))),
        (condition.PHASE_SECONDS, [(phase,) for phase in get_args(Phase)]),
        (condition.SENTIMENTS, [(name,) for name in SENTIMENT_NAMES]),
        (condition.TOPICS, [(name,) for name in (*TOPIC_NAMES, NO_TOPIC, OTHER_TOPIC)]),
        (condition.CONFIDENCES, [(f"0.{tenth}",) for tenth in range(3, 10)]),
    ),
    "detect": (
        (metrics.LATE_SIGNALS, (("out_of_order",), ("not_counted",))),
        (
            metrics.ALERTS,
            [(status, severity) for status in get_args(Status) for severity in get_args(Severity)],
        ),
    ),
}


def presets(agent: str) -> Iterator[tuple[Metric, Labels]]:
    """Yield metrics of an agent, each with values of its own labels.

    >>> [labels for metric, labels in presets("notify") if metric is metrics.DEAD_LETTERS][-1]
    ('undelivered',)
    """
    for metric, rows in (*_ALL, *_OWN.get(agent, ())):
        for labels in rows:
            yield metric, labels
    for reason in _reasons(agent):
        yield metrics.DEAD_LETTERS, (reason,)


def _reasons(agent: str) -> Iterator[str]:
    """Yield the reasons of the dead letters that an agent may write."""
    if agent in AGENTS:
        yield from _READING
        if AGENTS[agent].needs_model:
            yield "model"
        if AGENTS[agent].is_edge:
            yield "undelivered"


def preset_routes(routes: Iterable[str]) -> Iterator[tuple[Metric, Labels]]:
    """Yield the metrics of routes of alerts."""
    for route in routes:
        yield condition.DELIVERY_SECONDS, (route,)
        yield metrics.NOTICES_WAITING, (route,)
        for verdict in get_args(Verdict):
            yield metrics.NOTIFICATIONS, (route, verdict)
