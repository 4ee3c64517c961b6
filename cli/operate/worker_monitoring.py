"""The metrics and the health of a worker process."""

import asyncio
from typing import TYPE_CHECKING

from infra.settings.model import Settings

if TYPE_CHECKING:
    from infra.exporter import Exporter
    from infra.worker_health import WorkerHealth
    from streams.monitoring.progress import Progress


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
    if settings.metrics.port:
        serve(settings.metrics, exporter.registry, health)
    return exporter
