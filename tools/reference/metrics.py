"""The page of all metrics."""

from typing import Final

from schemas.metrics.processing import METRICS, Metric
from tools.reference.markdown import cell, code, page, table

_INTRODUCTION: Final = """\
Each has the label `agent` too. [Metrics](../metrics.md) says at which ports they are, what the
labels hold, and what to alert on."""


def metrics_page() -> str:
    """Return the page: name, kind, labels and meaning of each metric."""
    rows = sorted(
        [code(series(metric)), metric.kind, ", ".join(map(code, metric.labels)), _words(metric)]
        for metric in METRICS
    )
    return page("Metrics", _INTRODUCTION, table(["name", "kind", "labels", "meaning"], rows))


def series(metric: Metric) -> str:
    """Return the name under which Prometheus stores a metric."""
    return metric.name + ("_total" if metric.kind == "counter" else "")


def _words(metric: Metric) -> str:
    bounds = ", ".join(f"{bound:g}" for bound in metric.buckets)
    return cell(metric.help) + (f". Buckets up to {bounds}" if bounds else "")
