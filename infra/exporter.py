"""The metrics of `schemas.metrics.processing` for Prometheus; `infra.worker_port` serves them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
)

from agents.pipeline import AGENTS
from infra.observing.presets import preset_routes, presets
from schemas.metrics.condition import ALL_METRICS
from schemas.metrics.processing import BUILD_INFO, Metric, Sample

_AGENT: Final = "agent"
"""The first label of every metric."""

_METHODS: Final = {"counter": "inc", "gauge": "set", "histogram": "observe"}


class Exporter:
    """A worker's metrics in their own registry; called as a `MetricsHook`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._families: Mapping[str, Any] = {
            metric.name: _register(metric, self.registry) for metric in ALL_METRICS
        }

    def __call__(self, agent: str, samples: Iterable[Sample]) -> None:
        """Record the samples of an agent."""
        for metric, value, labels, *_ in samples:
            child = self._families[metric.name].labels(agent, *labels)
            getattr(child, _METHODS[metric.kind])(value)

    def preset(self, agents: Iterable[str], routes: Iterable[str] = ()) -> None:
        """Serve what the agents may count as 0, so that the first event is seen as a rise."""
        for agent in agents:
            own = preset_routes(routes) if agent == "notify" else ()
            for metric, labels in (*presets(agent), *own):
                self._families[metric.name].labels(agent, *labels)

    def publish_build_info(self, agents: Iterable[str], version: str, model: str) -> None:
        """Record the version of every agent, and the model of those that need one."""
        for agent in agents:
            labels = (version, model if AGENTS[agent].needs_model else "")
            self(agent, [Sample(BUILD_INFO, 1.0, labels)])


def _register(metric: Metric, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    labels = (_AGENT, *metric.labels)
    if metric.kind == "histogram":
        buckets = metric.buckets
        return Histogram(metric.name, metric.help, labels, registry=registry, buckets=buckets)
    if metric.kind == "counter":
        return Counter(metric.name, metric.help, labels, registry=registry)
    return Gauge(metric.name, metric.help, labels, registry=registry)
