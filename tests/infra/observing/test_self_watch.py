"""The system's own numbers, watched by the detector of the news."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from infra.exporter import Exporter
from infra.observing.self_watch import Event, SelfWatch, tell
from schemas.metrics.processing import (
    CIRCUIT_OPENED,
    DEAD_LETTERS,
    NOTIFICATIONS,
    RECORDS_IN,
    TRANSACTIONS,
    Sample,
)

MINUTES = 12 * 60
TROUBLE = range(MINUTES - 300, MINUTES - 270)
AGENT = "ingest"


def watched(series: str) -> Iterator[tuple[int, Event]]:
    """Yield the minute and each event of half a day in which one number is odd for half an hour."""
    dice, watch, now = random.Random(7), SelfWatch([AGENT]), datetime(2026, 1, 1, tzinfo=UTC)
    for minute in range(MINUTES):
        odd = series if minute in TROUBLE else ""
        samples = [
            Sample(
                DEAD_LETTERS, 40 if odd == "dead_letters" else dice.random() < 0.02, ("invalid",)
            ),
            Sample(TRANSACTIONS, 1.0, ("committed",)),
        ]
        if odd != "standstill":
            records = dice.randrange(400, 800) * (20 if odd == "throughput" else 1)
            samples.append(Sample(RECORDS_IN, records))
        if odd == "errors":
            samples += [Sample(CIRCUIT_OPENED, 3.0), Sample(NOTIFICATIONS, 9.0, ("desk", "retry"))]
        watch(AGENT, samples)
        if odd != "standstill":
            watch._busy[AGENT].update(range(dice.randrange(50, 60)))
        watch.note_lag({AGENT: 50_000 if odd == "lag" else dice.randrange(0, 50)})
        now += timedelta(minutes=1)
        for event in watch.weigh(now):
            yield minute, event


@pytest.mark.parametrize("series", ["throughput", "standstill", "dead_letters", "errors", "lag"])
def test_each_number_that_becomes_odd_is_told_soon_and_no_other(series: str) -> None:
    """An operator would learn from a customer that the pipeline stands still or drops news."""
    events = list(watched(series))
    firing = [(minute, event.series) for minute, event in events if event.alert.status == "firing"]
    assert [name for _, name in firing] == [series]
    assert firing[0][0] in range(TROUBLE.start, TROUBLE.start + 10)
    assert events[-1][1].alert.status == "resolved"


def test_what_is_unusual_is_a_metric_and_a_line() -> None:
    """A rule of Prometheus would have nothing to look at, and the log say nothing."""
    exporter = Exporter()
    labels = {"agent": AGENT, "series": "lag"}
    with capture_logs() as lines:
        for _, event in watched("lag"):
            tell(event, exporter)
            if event.alert.status == "firing":
                assert exporter.registry.get_sample_value("newsquake_unusual", labels) == 1.0
    assert exporter.registry.get_sample_value("newsquake_unusual", labels) == 0.0
    assert exporter.registry.get_sample_value("newsquake_unusual_times_total", labels) == 1.0
    first, *_, last = [
        line for line in lines if "unusual" in line["event"] or "usual" in line["event"]
    ]
    assert (first["log_level"], first["series"], first["agent"]) == ("warning", "lag", AGENT)
    assert first["observed"] > first["expected"]
    assert (last["log_level"], last["event"]) == (
        "info",
        "the system's own numbers are usual again",
    )
