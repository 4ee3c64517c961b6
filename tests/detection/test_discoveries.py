"""Discoveries: the alerts that are right nine times in ten."""

from datetime import timedelta
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evidence.online_fdr import ALERT_DECAY, FALSE_DISCOVERY_RATE, OnlineFdr
from detection.population import Population
from detection.rule import Rule
from schemas.alert import Alert
from tests.detection.conftest import HOUR, START, Streaming

QUIET = (600, 60.0, 0.2)
"""25 days of a headline an hour."""


@pytest.mark.property
@given(st.lists(st.booleans(), max_size=500))
def test_levels_spent_never_exceed_a_tenth_of_the_discoveries(outcomes: list[bool]) -> None:
    """More than one in ten recent discoveries would be false."""
    fdr, spent, discoveries = OnlineFdr(), 0.0, 0.0
    for is_discovery in outcomes:
        spent = spent * ALERT_DECAY + exp(-fdr.next_level())
        discoveries = discoveries * ALERT_DECAY + is_discovery
        assert spent <= FALSE_DISCOVERY_RATE * max(discoveries - is_discovery, 1.0)
        fdr.discoveries += is_discovery


def test_a_violent_surge_is_a_discovery_within_six_hours_and_stays_one(
    streaming: Streaming,
) -> None:
    """Somebody who is only woken by discoveries would sleep through a catastrophe."""
    alerts = _alerts_after_quiet(streaming, (80, 6.0, 0.95), (40, 60.0, 0.2))
    discovery = next(alert for alert in alerts if alert.discovery)
    assert discovery.detected_at <= alerts[0].detected_at + 6 * HOUR
    assert discovery.status in {"firing", "escalated"}
    assert all(alert.discovery for alert in alerts[alerts.index(discovery) :])


def test_a_mild_surge_is_an_alert_and_no_discovery(streaming: Streaming) -> None:
    """Every alert would be a discovery, and the mark would say nothing."""
    alerts = _alerts_after_quiet(streaming, (48, 30.0, 0.7), (60, 60.0, 0.2))
    statuses = [alert.status for alert in alerts]
    assert (statuses[0], statuses[-1]) == ("firing", "resolved")
    assert set(statuses[1:-1]) <= {"escalated", "updated"}
    assert not any(alert.discovery for alert in alerts)


def test_hardly_any_ordinary_busy_day_is_a_discovery(streaming: Streaming) -> None:
    """People would be woken by days as busy as any other month has."""
    dice = Random(3)
    days = [
        (busy, 1440.0 / busy, dice.uniform(0.1, 0.4))
        for busy in (max(2, round(dice.gammavariate(1.5, 12.0))) for _ in range(1_500))
    ]
    population = Population(Rule(false_alarms_per_subject_month=30.0))
    alerts = [alert for signal in streaming(days) for alert in population.count(signal)]
    assert sum(alert.status == "firing" for alert in alerts) >= 20
    assert len({alert.id for alert in alerts if alert.discovery}) <= 1


def _alerts_after_quiet(streaming: Streaming, *surge: tuple[int, float, float]) -> list[Alert]:
    """Return the company's alerts of a surge that follows `QUIET`, until it is quiet again."""
    population = Population(Rule())
    signals = streaming((QUIET, *surge))
    alerts = [alert for signal in signals for alert in population.count(signal)]
    alerts += population.advance(START + timedelta(days=60))
    return [alert for alert in alerts if alert.subject == "company:ACME"]
