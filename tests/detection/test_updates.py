"""A crisis of days is one alert, whose readers hear what is new."""

from datetime import timedelta
from itertools import pairwise

import pytest

from detection.alerting.last_change import LastChange
from detection.population import Population
from detection.rule import Rule
from detection.subject_state import Subject
from schemas.alert import Alert
from tests.detection.conftest import HOUR, START, Streaming

QUIET = (600, 60.0, 0.2)
"""25 days of a headline an hour."""
CRISIS = (480, 12.0, 0.9)
"""Four days of five bad headlines an hour."""
AFTER = (60, 60.0, 0.2)
RULE = Rule(false_alarms_per_subject_month=1.0)


def alerts_of(streaming: Streaming, *phases: tuple[int, float, float], rule: Rule) -> list[Alert]:
    """Return the alerts on one company whose news comes in phases, and after it."""
    population, signals = Population(rule), streaming(phases)
    raised = [alert for signal in signals for alert in population.count(signal)]
    raised += population.advance(signals[-1].published + timedelta(days=30))
    return [alert for alert in raised if alert.subject == "company:ACME"]


def test_a_crisis_of_days_is_one_alert_with_a_few_updates_a_day(streaming: Streaming) -> None:
    """A desk would see the headline of the first hour for days, or be told of each new one."""
    alerts = alerts_of(streaming, QUIET, CRISIS, AFTER, rule=RULE)
    assert len({alert.id for alert in alerts}) == 1
    assert (alerts[0].status, alerts[-1].status) == ("firing", "resolved")
    updates = [alert for alert in alerts if alert.status == "updated"]
    assert 6 <= len(updates) <= 12
    for before, after in pairwise(alerts[:-1]):
        if after.status == "updated":
            assert after.detected_at - before.detected_at >= 8 * HOUR
            assert after.headlines[0] != before.headlines[0]
    assert len({alert.event_id for alert in alerts}) == len(alerts)


def test_a_copy_of_the_leading_story_is_no_update(streaming: Streaming) -> None:
    """People would be told the same again, until they no longer look."""
    population = Population(RULE.model_copy(update={"update_interval": HOUR}))
    signals = streaming([QUIET, (60, 1.0, 0.9)])
    worst = signals[-1].model_copy(
        update={"negative": 1.0, "headline": "Regulator closes the plant after a fatal explosion"}
    )
    copies = [
        worst.model_copy(update={"key": f"copy {hour}", "published": worst.published + hour * HOUR})
        for hour in range(6)
    ]
    alerts = [alert for signal in [*signals, *copies] for alert in population.count(signal)]
    told = [alert.headlines[0].text for alert in alerts if alert.status != "resolved"]
    assert told.count(worst.headline) == 1


def test_the_interval_is_a_setting_and_makes_no_other_alert(streaming: Streaming) -> None:
    """Who wants to hear less often would get other alerts, under other ids."""
    phases = (QUIET, CRISIS, AFTER)
    rare = RULE.model_copy(update={"update_interval": timedelta(days=365)})
    without = alerts_of(streaming, *phases, rule=rare)
    usual = alerts_of(streaming, *phases, rule=RULE)
    assert without == [alert for alert in usual if alert.status != "updated"]
    assert len(without) < len(usual)


@pytest.mark.parametrize("change", [LastChange(), LastChange(480_000, 3_000_000_000, 7)])
def test_the_last_change_is_remembered(change: LastChange) -> None:
    """After a restart each alert that is on would be told again at once."""
    subject = Subject("company:ACME", last_change=change)
    assert Subject.from_bytes(subject.to_bytes()) == subject
    older = subject.to_bytes()[:-24]
    assert Subject.from_bytes(older).last_change == LastChange()


def test_the_market_is_updated_too(streaming: Streaming) -> None:
    """A dark market of days would be shown by the headline of its first hour."""
    names = [f"company:{letter}" for letter in "ABCDEFGH"]
    signals = sorted(
        (
            signal.model_copy(update={"key": f"{name}{signal.key}", "headline": f"{name} {n}"})
            for name in names
            for n, signal in enumerate(streaming([QUIET, CRISIS, AFTER], name))
        ),
        key=lambda signal: (signal.published, signal.subject),
    )
    population = Population(RULE)
    raised = [alert for signal in signals for alert in population.count(signal)]
    market = [alert for alert in raised if alert.subject == "market:all"]
    updates = [alert for alert in market if alert.status == "updated"]
    assert updates
    assert all(alert.members and alert.headlines for alert in updates)
    assert min(alert.detected_at for alert in updates) > START + timedelta(days=25)
