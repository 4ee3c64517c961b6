"""Which alerts may be built upon."""

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
from tests.detection.conftest import START, Streaming

HOUR = timedelta(hours=1)
QUIET = (600, 60.0, 0.2)
"""25 days of a headline an hour."""


@pytest.mark.property
@given(st.lists(st.booleans(), max_size=500))
def test_what_is_spent_never_exceeds_a_tenth_of_what_is_found(outcomes: list[bool]) -> None:
    """More than one in ten discoveries would be false, some time."""
    discoveries, spent, found = OnlineFdr(), 0.0, 0.0
    for outcome in outcomes:
        spent = spent * ALERT_DECAY + exp(-discoveries.next_level())
        found = found * ALERT_DECAY + outcome
        assert spent <= FALSE_DISCOVERY_RATE * max(found - outcome, 1.0)
        discoveries.found += outcome


def test_a_violent_surge_is_a_discovery_within_six_hours_and_stays_one(
    streaming: Streaming,
) -> None:
    """Whoever is only woken by discoveries would sleep through it."""
    told = _told(streaming, (80, 6.0, 0.95), (40, 60.0, 0.2))
    proved = next(it for it in told if it.discovery)
    assert proved.detected_at <= told[0].detected_at + 6 * HOUR
    assert proved.status in {"firing", "escalated"}
    assert all(it.discovery for it in told[told.index(proved) :])


def test_a_mild_surge_is_an_alert_and_no_discovery(streaming: Streaming) -> None:
    """Everything would be a discovery, and the word would say nothing."""
    told = _told(streaming, (16, 30.0, 0.7), (40, 60.0, 0.2))
    assert [it.status for it in told if it.status != "escalated"] == ["firing", "resolved"]
    assert not any(it.discovery for it in told)


def test_of_ordinary_busy_days_hardly_any_is_a_discovery(streaming: Streaming) -> None:
    """People would be woken by what happens every other month."""
    dice = Random(3)
    days = [
        (busy, 1440.0 / busy, dice.uniform(0.1, 0.4))
        for busy in (max(2, round(dice.gammavariate(1.5, 12.0))) for _ in range(500))
    ]
    population = Population(Rule(false_alarms_per_subject_month=10.0))
    alerts = [it for signal in streaming(days) for it in population.count(signal)]
    assert sum(it.status == "firing" for it in alerts) >= 20
    assert len({it.id for it in alerts if it.discovery}) <= 1


def _told(streaming: Streaming, *surge: tuple[int, float, float]) -> list[Alert]:
    """What is said of the one company after `QUIET`, until it is quiet again."""
    population = Population(Rule())
    alerts = [it for signal in streaming((QUIET, *surge)) for it in population.count(signal)]
    alerts += population.advance(START + timedelta(days=60))
    return [it for it in alerts if it.subject == "company:ACME"]
