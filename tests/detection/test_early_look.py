"""An alert does not wait for its bin to end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from detection.population import Population
from detection.rule import Rule
from schemas.alert import Alert
from schemas.signal import Signal
from tests.detection.conftest import HOUR, news

BEGIN = datetime(2001, 1, 1, tzinfo=UTC)
DAYS = 30
STORM = BEGIN + DAYS * 24 * HOUR
"""When the bad headlines come: ten of them, one a minute."""
RULE = Rule(false_alarms_per_subject_month=1.0)


def feed(storm: int = 10) -> Iterator[Signal]:
    """Yield a month of ordinary news of six companies, and then bad headlines of one."""
    number = 0
    for hour in range(DAYS * 24):
        for name in range(6):
            if (hour + name) % 5 == 0:
                number += 1
                time = BEGIN + hour * HOUR + timedelta(minutes=name * 7)
                yield news(f"company:C{name}", number, time, 0.2)
    for minute in range(storm):
        yield news("company:C0", number + 1 + minute, STORM + timedelta(minutes=minute), 0.95)


def firing(population: Population, signals: Iterator[Signal]) -> list[Alert]:
    """Return the alerts that fire in the storm."""
    alerts = [alert for each in signals for alert in population.count(each)]
    return [alert for alert in alerts if alert.status == "firing" and alert.onset >= STORM]


def test_an_alert_fires_at_the_signal_that_decides() -> None:
    """Ten bad headlines at 24 past would be told after the full hour."""
    (alert,) = firing(Population(RULE), feed())
    assert STORM < alert.detected_at < STORM + timedelta(minutes=10)
    assert alert.detected_at.minute + 1 == alert.stories
    assert alert.onset == STORM
    assert alert.headlines


def test_the_end_of_the_bin_does_not_fire_it_again() -> None:
    """A desk would be called twice for each surge."""
    population = Population(RULE)
    assert len(firing(population, feed())) == 1
    changes = population.advance(STORM + 5 * HOUR)
    assert not [alert for alert in changes if alert.status == "firing"]


def test_one_story_is_no_surge_however_early() -> None:
    """Each single bad headline about a small company would be an alert at once."""
    assert firing(Population(RULE), feed(storm=1)) == []


def test_a_story_of_last_week_does_not_make_two() -> None:
    """A company that is in the news once a week would be an alert each time."""
    rare = "company:RARE"
    hours = (DAYS * 24 - 200, DAYS * 24 - 20)
    rows = [news(rare, 90_000 + hour, BEGIN + hour * HOUR, 0.99) for hour in hours]
    rule = RULE.model_copy(update={"false_alarms_per_subject_month": 30.0})
    population = Population(rule)
    signals = sorted([*feed(storm=0), *rows], key=lambda each: each.published)
    alerts = [alert for each in signals for alert in population.count(each)]
    assert not [alert for alert in alerts if alert.subject == rare]


def test_a_rule_with_a_wait_looks_at_whole_bins() -> None:
    """A surge of a minute would alert although the rule asks that it last two hours."""
    rule = RULE.model_copy(update={"for_": 2 * HOUR})
    assert firing(Population(rule), feed()) == []


def test_a_silenced_subject_does_not_fire_early() -> None:
    """A silence would hold at full hours only."""
    rule = RULE.model_copy(update={"silenced": ("company:C0",)})
    assert firing(Population(rule), feed()) == []


def test_an_alert_is_not_older_than_what_it_rests_on() -> None:
    """A straggler that decides would date the alert before the news of its own headlines."""
    population = Population(RULE)
    assert firing(population, feed(storm=0)) == []
    rows = ((50, 0.95), (51, 0.2), (52, 0.2), (1, 0.95), (2, 0.95), (3, 0.95))
    storm = [
        news("company:C0", 90_000 + minute, STORM + timedelta(minutes=minute), negative)
        for minute, negative in rows
    ]
    (alert,) = firing(population, iter(storm))
    assert alert.detected_at >= max(headline.published for headline in alert.headlines)


@pytest.mark.parametrize("cut", range(3))
def test_a_restart_within_the_bin_changes_no_alert(cut: int) -> None:
    """A worker that is killed in the surge would alert at another time, or twice."""
    everything = [*feed()]
    at = len(everything) - 10 + 3 * cut
    whole, first = Population(RULE), Population(RULE)
    expected = [alert for each in everything for alert in whole.count(each)]
    found = [alert for each in everything[:at] for alert in first.count(each)]
    entries = [(name.removeprefix("subject|"), value) for name, value in first.changes() if value]
    second = Population.rebuilt(RULE, entries)
    found += [alert for each in everything[at:] for alert in second.count(each)]
    assert found == expected
    assert any(alert.onset >= STORM for alert in expected)
