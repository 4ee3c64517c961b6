"""The metrics and the health of a worker process."""

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from infra.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.exporter import Exporter
    from infra.worker_health import WorkerHealth
    from streams.monitoring.metrics_hook import MetricsHook
    from streams.monitoring.progress import Progress


_log = structlog.get_logger("newsquake.worker")


def health_of(settings: Settings, progress: "Progress") -> "WorkerHealth":
    """Return the health of the process; it is asked from any thread."""
    from infra.worker_health import WorkerHealth
    from streams.monitoring.broker_health import kafka_answers

    def stalled() -> list[str]:
        waiting = progress.waiting()
        return [f"waits for {waiting}"] if waiting else []

    agents, loop = settings.worker.agents, asyncio.get_running_loop()
    return WorkerHealth(agents, loop, lambda: kafka_answers(settings.kafka), stalled)


def exporter_of(settings: Settings, health: "WorkerHealth") -> "Exporter":
    """Return the exporter; serve it and the health of the process where a port is set."""
    from infra.exporter import Exporter
    from infra.worker_port import serve

    exporter = Exporter()
    exporter.preset(settings.worker.agents, settings.notify.routes)
    if settings.metrics.port:
        serve(settings.metrics, exporter.registry, health)
    return exporter


@contextmanager
def observing(
    settings: Settings, health: "WorkerHealth", exporter: "Exporter"
) -> "Iterator[MetricsHook]":
    """Yield the hook that takes the agents' metrics; look at what must be asked for, meanwhile."""
    from infra.activity_log import ActivityLog
    from infra.observing.gauges import watch_gauges
    from infra.observing.self_watch import SelfWatch
    from infra.observing.transaction_log import TransactionLog
    from streams.monitoring.metrics_hook import fan_out

    activity, watch = ActivityLog(), SelfWatch(settings.worker.agents)
    hooks: list[MetricsHook] = [exporter, activity, watch]
    if settings.log.transactions:
        hooks.append(TransactionLog())
    duties = [
        activity.run(settings.log.summary_interval, health.behind),
        watch_gauges(health, exporter, [watch.note_lag]),
        watch.run(exporter),
    ]
    tasks = [asyncio.create_task(duty) for duty in duties]
    for task in tasks:
        task.add_done_callback(_tell_failure)
    try:
        yield fan_out(hooks)
    finally:
        for task in tasks:
            task.cancel()
        activity.log({})


def _tell_failure(task: "asyncio.Task[None]") -> None:
    """Log that nobody looks any more; articles go on, and a new start looks again."""
    if not task.cancelled() and (error := task.exception()):
        _log.error("the worker's numbers are no longer looked at", exc_info=error)
