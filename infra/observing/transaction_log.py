"""A line of the log for each transaction of an agent, with the traces of its articles."""

from collections import Counter
from collections.abc import Iterable

import structlog

from schemas.metrics.processing import (
    COMMIT_SECONDS,
    DEAD_LETTERS,
    MODEL_SECONDS,
    RECORDS_IN,
    RECORDS_OUT,
    TRANSACTIONS,
    Sample,
)

_log = structlog.get_logger("newsquake.worker")
MAX_TRACES = 8
"""Ids of traces in one line."""


class TransactionLog:
    """Writes a line for each transaction; called as a `MetricsHook`."""

    def __call__(self, agent: str, samples: Iterable[Sample]) -> None:
        """Write the line of a transaction, if the samples are those of one."""
        sums: Counter[str] = Counter()
        seconds: dict[str, float] = {}
        outcome, origins, dead = "", [], Counter[str]()
        traces = dict[str, None]()
        for metric, value, labels, origin, ids in samples:
            if metric is RECORDS_IN:
                sums["records_in"] += int(value)
                origins.append(origin)
                traces |= dict.fromkeys(ids)
            elif metric is RECORDS_OUT:
                sums["records_out"] += int(value)
            elif metric is DEAD_LETTERS:
                dead[labels[0]] += int(value)
            elif metric is COMMIT_SECONDS or metric is MODEL_SECONDS:
                seconds[metric.name] = seconds.get(metric.name, 0.0) + value
            elif metric is TRANSACTIONS:
                outcome = labels[0]
        first = origins[0] if origins else None
        if not outcome or first is None:
            return
        model = seconds.get(MODEL_SECONDS.name)
        _log.info(
            "transaction",
            agent=agent,
            outcome=outcome,
            topic=first.topic,
            partition=first.partition,
            offset=first.offset,
            records_in=sums["records_in"],
            records_out=sums["records_out"],
            commit_seconds=round(seconds.get(COMMIT_SECONDS.name, 0.0), 4),
            **({"dead": dict(dead)} if dead else {}),
            **({"model_seconds": round(model, 4)} if model else {}),
            **({"trace_ids": list(traces)[:MAX_TRACES]} if traces else {}),
        )
