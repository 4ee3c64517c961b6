"""Every query of a dashboard and every rule, asked of a real Prometheus that scrapes a pipeline."""

import math
import re

import pytest

from tests.observability import feed
from tests.observability.conftest import AGENTS, Pipeline, until
from tests.observability.files import CONFIG, RULES, queries, rules
from tests.observability.prometheus import promtool

pytestmark = [pytest.mark.kafka, pytest.mark.prometheus]

NO_NETWORK = "newsquake_batch_tokens_bucket"
"""The model of this test runs no network, and has no forward passes."""


def sides(expression: str) -> list[str]:
    """Return what an expression compares: its series, without the comparisons.

    >>> sides("time() - max(a) > 300 and sum(b) > 0.05 * sum(c)")
    ['time() - max(a)', 'sum(b)', '0.05 * sum(c)']
    """
    parts = re.split(r"\s(?:and|[<>]=?|==)\s", " ".join(expression.split()))
    return [part for part in parts if not re.fullmatch(r"[\d.]+", part)]


def test_every_panel_shows_something(pipeline: Pipeline) -> None:
    """An operator would look at empty panels, and not know whether all is well or all is wrong."""
    empty, without_numbers = [], []
    for title, expression in queries():
        asked = expression.replace("$__rate_interval", "2m")
        samples = pipeline.prometheus.query(asked)
        if not samples:
            empty.append((title, asked))
        elif all(math.isnan(float(sample["value"][1])) for sample in samples):
            without_numbers.append(expression)
    assert len(queries()) >= 50
    assert empty == []
    assert all(NO_NETWORK in expression for expression in without_numbers), without_numbers


def test_every_rule_has_something_to_look_at(pipeline: Pipeline) -> None:
    """A rule on a series that nobody serves never says anything, whatever happens."""
    empty = [
        (rule["alert"], side)
        for rule in rules()
        for side in sides(rule["expr"])
        if not pipeline.prometheus.query(side)
    ]
    assert empty == []
    groups = pipeline.prometheus.get("rules")["groups"]
    evaluated = {rule["name"]: rule for group in groups for rule in group["rules"]}
    assert evaluated.keys() == {rule["alert"] for rule in rules()}
    assert {rule["health"] for rule in evaluated.values()} == {"ok"}


def test_a_healthy_pipeline_raises_no_critical_alert(pipeline: Pipeline) -> None:
    """People would turn off what calls them at night for nothing."""
    alerts = pipeline.prometheus.get("alerts")["alerts"]
    firing = [alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"]
    assert firing == []


def test_what_the_metrics_say_is_what_was_sent(pipeline: Pipeline) -> None:
    """Shares, drift and lag would be shown for another pipeline than this one."""
    query = pipeline.prometheus.query

    def total(expression: str) -> float:
        (sample,) = query(expression)
        return float(sample["value"][1])

    scored = total("sum(newsquake_shadow_compared_total)")
    assert total("sum(newsquake_sentiments_total)") == total("sum(newsquake_confidences_total)")
    assert scored == total("sum(newsquake_sentiments_total)") >= feed.ARTICLES - 1
    assert total("sum(newsquake_unread_total)") == 1
    assert total("sum(newsquake_topics_total)") >= total("sum(newsquake_sentiments_total)")
    until(lambda: total("sum(newsquake_lag_records)") == 0, "lag")
    until(lambda: len(query("newsquake_ready == 1")) == len(AGENTS), "readiness")
    assert len(query("newsquake_partitions == 1")) == len(AGENTS)
    assert len(query("newsquake_rebalances_total >= 1")) == len(AGENTS)
    drift = {item["metric"]["distribution"] for item in query("newsquake_drift_psi > 0")}
    assert drift == {"sentiment", "topic", "confidence"}
    assert total("sum(newsquake_delivery_seconds_count)") == total(
        'sum(newsquake_notifications_total{outcome="delivered"})'
    )


def test_promtool_accepts_the_files() -> None:
    """Prometheus would not start with them."""
    assert promtool("check", "rules", str(RULES)).returncode == 0
    checked = promtool("check", "config", "--syntax-only", str(CONFIG))
    assert checked.returncode == 0, checked.stderr
