"""Metrics as Prometheus reads them and as docs/metrics.md lists them."""

import re
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from infra.exporter import Exporter
from schemas.metrics.condition import ALL_METRICS
from schemas.metrics.processing import Metric, Sample

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/metrics.md").read_text("utf-8")


def _name(metric: Metric) -> str:
    return metric.name + ("_total" if metric.kind == "counter" else "")


def test_the_document_has_every_metric_with_its_labels() -> None:
    """Operators would build dashboards on names that are not there, or miss those that are."""
    rows = re.findall(r"^\| `(newsquake_\w+)` \| (.*?) \|", DOCUMENT, re.MULTILINE)
    documented = {name: re.findall(r"`(\w+)`", labels) for name, labels in rows}
    assert documented == {_name(metric): list(metric.labels) for metric in ALL_METRICS}


@pytest.mark.parametrize("metric", ALL_METRICS, ids=lambda metric: metric.name)
def test_every_metric_takes_a_sample(metric: Metric) -> None:
    """A worker would end at the first event of a kind that no test has seen."""
    exporter = Exporter()
    labels = tuple(f"a {name}" for name in metric.labels)
    exporter("score", [Sample(metric, 2.0, labels), Sample(metric, 3.0, labels)])
    suffix = {"counter": "_total", "gauge": "", "histogram": "_sum"}[metric.kind]
    values = dict(zip(metric.labels, labels, strict=True))
    expected = 3.0 if metric.kind == "gauge" else 5.0
    value = exporter.registry.get_sample_value(metric.name + suffix, {"agent": "score", **values})
    assert value == expected
    assert metric.help.encode() in generate_latest(exporter.registry)
