"""Laws of the whole detector that hypothesis tries to break."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection.population import Population
from detection.rule import Rule
from detection.series.series import Series
from schemas.alert import Alert
from schemas.signal import Signal

pytestmark = pytest.mark.property

BEGIN = datetime(2001, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULE = Rule(false_alarms_per_subject_month=1.0)
SUBJECTS = ("company:A", "company:B", "topic:c", "topic:d")


def news(subject: str, key: int, hour: float, negative: float, scale: float = 1.0) -> Signal:
    """One headline of a story of its own."""
    return Signal(
        subject=subject,
        key=f"k{key:05}",
        published=BEGIN + hour * scale * HOUR,
        negative=negative,
        neutral=1.0 - negative,
        positive=0.0,
        headline=f"Headline {key}",
        source=f"wire {key % 5}",
        model="m",
        story=Random(key).getrandbits(64) | 1,
    )


def month(seed: int, scale: float = 1.0) -> list[Signal]:
    """Four weeks of four subjects, with a surge of one; in order of time."""
    dice = Random(seed)
    hours = [(dice.uniform(0.0, 672.0), dice.choice(SUBJECTS), 0.3) for _ in range(300)]
    storm = dice.uniform(300.0, 600.0)
    hours += [(storm + number / 6.0, SUBJECTS[0], 0.9) for number in range(60)]
    return [
        news(subject, key, hour, negative, scale)
        for key, (hour, subject, negative) in enumerate(sorted(hours))
    ]


def alerts(population: Population, signals: Iterable[Signal]) -> list[Alert]:
    """All that the signals raise."""
    return [alert for signal in signals for alert in population.count(signal)]


def ended(population: Population, scale: float = 1.0) -> list[Alert]:
    """All that comes out when two quiet months follow."""
    return population.advance(BEGIN + 2000 * scale * HOUR)


def whole(signals: Sequence[Signal], rule: Rule = RULE, scale: float = 1.0) -> list[Alert]:
    """A run from beginning to end."""
    population = Population(rule)
    return alerts(population, signals) + ended(population, scale)


def test_a_surge_is_found_once_and_is_over_in_the_end() -> None:
    """Without it, a surge would go unnoticed, raise two alerts, or alarm for ever."""
    found = [alert for alert in whole(month(1)) if alert.subject == SUBJECTS[0]]
    assert [alert.status for alert in found if alert.status != "escalated"] == [
        "firing",
        "resolved",
    ]
    assert found[0].headlines
    assert found[0].stories > found[0].expected_volume


@given(st.integers(0, 1000), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_order_of_subjects_within_a_bin_changes_nothing(seed: int, dice: Random) -> None:
    """Alerts would depend on how partitions of different subjects interleave."""
    signals = month(seed)
    order = {subject: dice.random() for subject in SUBJECTS}
    mixed = sorted(
        signals, key=lambda it: ((it.published - BEGIN) // HOUR, order[it.subject], it.published)
    )
    assert whole(mixed) == whole(signals)


@given(st.integers(0, 1000), st.integers(1, 359))
@settings(max_examples=15, deadline=None)
def test_resumed_equals_never_stopped(seed: int, stop: int) -> None:
    """A restarted worker would raise other alerts than one that ran on."""
    signals = month(seed)
    first = Population(RULE)
    before = alerts(first, signals[:stop])
    second = Population.rebuilt(RULE, [(name, value) for name, value in first.changes() if value])
    after = alerts(second, signals[stop:]) + ended(second)
    assert before + after == whole(signals)


@given(st.integers(0, 1000), st.lists(st.floats(0.0, 2000.0), max_size=40))
@settings(max_examples=15, deadline=None)
def test_when_time_is_told_changes_nothing(seed: int, ticks: list[float]) -> None:
    """Alerts would depend on how often a live worker looks at its clock."""
    population, found, signals = Population(RULE), [], month(seed)
    for hour in sorted(ticks):
        while signals and signals[0].published <= BEGIN + hour * HOUR:
            found += population.count(signals.pop(0))
        found += population.advance(BEGIN + hour * HOUR)
    found += alerts(population, signals) + ended(population)
    assert found == whole(month(seed))


@given(st.integers(0, 1000), st.sampled_from([2, 6, 24]))
@settings(max_examples=10, deadline=None)
def test_slower_time_with_its_rule_alarms_at_the_same_places(seed: int, scale: int) -> None:
    """The statistic would have a time scale of its own, hidden from the rule."""
    slow = Rule(
        false_alarms_per_subject_month=RULE.false_alarms_per_subject_month / scale,
        keep_firing_for=RULE.keep_firing_for * scale,
        bin=RULE.bin * scale,
    )
    fast = [(it.subject, it.status, (it.detected_at - BEGIN) * scale) for it in whole(month(seed))]
    found = whole(month(seed, scale), slow, scale)
    assert [(it.subject, it.status, it.detected_at - BEGIN) for it in found] == fast


@given(st.floats(0.05, 12.0), st.floats(0.0, 1.0), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_constant_news_never_alarm(every: float, negative: float, subjects: int) -> None:
    """A subject that is always the same would be reported as a surge."""
    hours = [every * number for number in range(int(min(1000.0 / every, 3000.0)))]
    signals = [
        news(subject, key, hour, negative)
        for key, hour in enumerate(hours)
        for subject in SUBJECTS[:subjects]
    ]
    assert alerts(Population(RULE), signals) == []


@given(st.integers(0, 100_000), st.integers(1, 1440))
@settings(max_examples=25, deadline=None)
def test_a_constant_series_never_alarms(value: int, minutes: int) -> None:
    """The same for numbers."""
    series = Series(RULE)
    step = timedelta(minutes=minutes)
    assert not [alert for row in range(600) for alert in series.count(BEGIN + row * step, value)]


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_every_alert_that_fires_resolves(seed: int) -> None:
    """Somebody would wait for an end that never comes."""
    found = whole(month(seed))
    firing = [alert.id for alert in found if alert.status == "firing"]
    assert sorted(firing) == sorted(alert.id for alert in found if alert.status == "resolved")
    assert len(set(firing)) == len(firing)


def test_a_subject_takes_less_than_two_kilobytes() -> None:
    """The changelog, and the memory of workers, would outgrow what was promised."""
    population = Population(RULE)
    for key in range(400):
        signal = news("company:" + "X" * 60, key, key / 20.0, 0.9)
        headline = f"{key} " + "Ünternehmen meldet Verluste \x07" * 20
        population.count(signal.model_copy(update={"headline": headline, "key": f"{key:064}"}))
    sizes = {name: len(value) for name, value in population.changes() if value}
    assert max(size for name, size in sizes.items() if name.startswith("subject|")) < 2048


def test_late_news_is_counted_as_late_and_changes_nothing_else() -> None:
    """News that comes after its hour was closed would raise an alert in the past, or vanish."""
    signals = month(3)
    population = Population(RULE)
    found = alerts(population, signals)
    assert population.count(news(SUBJECTS[0], 9999, 10.0, 1.0)) == []
    assert population.late == 1
    assert found + ended(population) == whole(signals)


def test_a_silenced_subject_never_alerts() -> None:
    """People would be woken by what they had silenced."""
    rule = RULE.model_copy(update={"silenced": ("company:*",)})
    assert not [it for it in whole(month(1), rule) if it.subject.startswith("company:")]


def test_a_surge_must_last_as_long_as_the_rule_says() -> None:
    """`for` would not keep short surges from firing."""
    patient = RULE.model_copy(update={"for_": timedelta(hours=3)})
    at = [
        next(it for it in whole(month(1), rule) if it.status == "firing").detected_at
        for rule in (RULE, patient)
    ]
    assert at[1] - at[0] == timedelta(hours=3)


def test_a_surge_of_good_news_is_none() -> None:
    """A company would be reported for its best day."""
    signals = [
        it.model_copy(update={"negative": 0.05}) if it.negative == 0.9 else it for it in month(1)
    ]
    assert not [it for it in whole(signals) if it.subject == SUBJECTS[0]]


def test_ten_wires_of_one_story_are_one_piece_of_evidence() -> None:
    """Syndication would look like a surge."""
    signals = [it.model_copy(update={"story": 7}) if it.negative == 0.9 else it for it in month(1)]
    assert not [it for it in whole(signals) if it.subject == SUBJECTS[0]]
