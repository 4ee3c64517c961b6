"""The metrics of `schemas.metrics` for Prometheus, over HTTP."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    start_http_server,
)

from infra.settings.model import Metrics
from schemas.metrics import BUILD_INFO, METRICS, Metric, Sample
from streams.core.errors import Misconfigured

_STAGE: Final = "stage"
"""The first label of every metric."""

_METHODS: Final = {"counter": "inc", "gauge": "set", "histogram": "observe"}


class Exporter:
    """A worker's metrics in their own registry; called as a `MetricsHook`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._families: Mapping[str, Any] = {
            metric.name: _register(metric, self.registry) for metric in METRICS
        }

    def __call__(self, stage: str, samples: Iterable[Sample]) -> None:
        """Add the ``samples`` of ``stage``."""
        for metric, value, labels in samples:
            child = self._families[metric.name].labels(stage, *labels)
            getattr(child, _METHODS[metric.kind])(value)

    def publish_build_info(self, stages: Iterable[str], version: str, model: str) -> None:
        """Publish the version and model of each of ``stages``; only score has a model."""
        for stage in stages:
            self(stage, [Sample(BUILD_INFO, 1.0, (version, model if stage == "score" else ""))])

    def serve(self, settings: Metrics) -> None:
        """Start to serve ``/metrics``, in a thread that ends with the process.

        Raises:
            Misconfigured: The port is taken or may not be used.
        """
        try:
            start_http_server(settings.port, settings.host, self.registry)
        except OSError as error:
            address = f"{settings.host}:{settings.port}"
            raise Misconfigured(
                f"metrics can't be served at {address} ({error.strerror or error}): choose another "
                "metrics.port; a worker takes one for each of its processes"
            ) from error


def _register(metric: Metric, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    labels = (_STAGE, *metric.labels)
    if metric.kind == "histogram":
        buckets = metric.buckets
        return Histogram(metric.name, metric.help, labels, registry=registry, buckets=buckets)
    if metric.kind == "counter":
        return Counter(metric.name, metric.help, labels, registry=registry)
    return Gauge(metric.name, metric.help, labels, registry=registry)
