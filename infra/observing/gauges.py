"""Gauges that somebody must ask for: lag and readiness, every few seconds."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from infra.worker_health import WorkerHealth
from schemas.metrics.condition import LAG, READY
from schemas.metrics.processing import Sample
from streams.monitoring.metrics_hook import MetricsHook

INTERVAL_SECONDS: Final = 10.0
"""The time between two looks; Prometheus scrapes every 15 s."""

Lag = Callable[[Mapping[str, int]], None]
"""Receives the offsets that each agent has still to handle."""


async def watch_gauges(
    health: WorkerHealth,
    observe: MetricsHook,
    listeners: Sequence[Lag] = (),
    interval_seconds: float = INTERVAL_SECONDS,
) -> None:
    """Set the gauges until cancelled; tell the ``listeners`` of the lag too."""
    while True:
        await set_gauges(health, observe, listeners)
        await asyncio.sleep(interval_seconds)


async def set_gauges(
    health: WorkerHealth, observe: MetricsHook, listeners: Sequence[Lag] = ()
) -> None:
    """Set the gauges once."""
    behind = await health.behind()
    for agent, lag in behind.items():
        observe(agent, [Sample(LAG, lag)])
    for listener in listeners:
        listener(behind)
    is_ready = not await health.obstacles()
    for agent in health.agents:
        observe(agent, [Sample(READY, float(is_ready))])
