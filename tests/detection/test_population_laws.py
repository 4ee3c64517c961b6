"""Laws of the whole detector, which hypothesis tries to break."""

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
from tests.detection.conftest import HOUR, news

pytestmark = pytest.mark.property

BEGIN = datetime(2001, 1, 1, tzinfo=UTC)
RULE = Rule(false_alarms_per_subject_month=1.0)
SUBJECTS = ("company:A", "company:B", "topic:c", "topic:d")


def news_at(subject: str, key: int, hour: float, negative: float, scale: float = 1.0) -> Signal:
    """Return one headline, where an hour takes ``scale`` hours."""
    return news(subject, key, BEGIN + hour * scale * HOUR, negative)


def month(seed: int, scale: float = 1.0) -> list[Signal]:
    """Return four weeks of four subjects, with a surge of one, in order of time."""
    dice = Random(seed)
    hours = [(dice.uniform(0.0, 672.0), dice.choice(SUBJECTS), 0.3) for _ in range(300)]
    storm = dice.uniform(300.0, 600.0)
    hours += [(storm + number / 6.0, SUBJECTS[0], 0.9) for number in range(60)]
    return [
        news_at(subject, key, hour, negative, scale)
        for key, (hour, subject, negative) in enumerate(sorted(hours))
    ]


def alerts(population: Population, signals: Iterable[Signal]) -> list[Alert]:
    """Return the alerts that the signals raise."""
    return [alert for signal in signals for alert in population.count(signal)]


def after_silence(population: Population, scale: float = 1.0) -> list[Alert]:
    """Return the alerts of two quiet months that follow."""
    return population.advance(BEGIN + 2000 * scale * HOUR)


def complete_run(signals: Sequence[Signal], rule: Rule = RULE, scale: float = 1.0) -> list[Alert]:
    """Return the alerts of the signals and of the silence after them."""
    population = Population(rule)
    return alerts(population, signals) + after_silence(population, scale)


def test_a_surge_is_found_once_and_is_over_in_the_end() -> None:
    """A surge would go unnoticed, raise two alerts, or fire for ever."""
    raised = [alert for alert in complete_run(month(1)) if alert.subject == SUBJECTS[0]]
    ends = [alert.status for alert in raised if alert.status not in {"escalated", "updated"}]
    assert ends == ["firing", "resolved"]
    assert raised[0].headlines
    assert raised[0].stories > raised[0].expected_volume


@given(st.integers(0, 1000), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_order_of_subjects_within_a_bin_changes_nothing(seed: int, dice: Random) -> None:
    """Alerts on whole bins would depend on how the partitions of different subjects interleave.

    A rule without a wait also looks within bins, in the order of event time.
    """
    signals, rule = month(seed), RULE.model_copy(update={"for_": HOUR})
    order = {subject: dice.random() for subject in SUBJECTS}
    mixed = sorted(
        signals,
        key=lambda signal: (
            (signal.published - BEGIN) // HOUR,
            order[signal.subject],
            signal.published,
        ),
    )
    assert complete_run(mixed, rule) == complete_run(signals, rule)


@given(st.integers(0, 1000), st.integers(1, 359))
@settings(max_examples=15, deadline=None)
def test_resumed_equals_never_stopped(seed: int, stop: int) -> None:
    """A restarted worker would raise other alerts than one that was never stopped."""
    signals = month(seed)
    first = Population(RULE)
    before = alerts(first, signals[:stop])
    second = Population.rebuilt(RULE, [(name, value) for name, value in first.changes() if value])
    after = alerts(second, signals[stop:]) + after_silence(second)
    assert before + after == complete_run(signals)


@given(st.integers(0, 1000), st.lists(st.floats(0.0, 2000.0), max_size=40))
@settings(max_examples=15, deadline=None)
def test_when_the_clock_is_read_changes_nothing(seed: int, ticks: list[float]) -> None:
    """Alerts would depend on how often a live worker looks at its clock."""
    population, signals = Population(RULE), month(seed)
    raised: list[Alert] = []
    for hour in sorted(ticks):
        while signals and signals[0].published <= BEGIN + hour * HOUR:
            raised += population.count(signals.pop(0))
        raised += population.advance(BEGIN + hour * HOUR)
    raised += alerts(population, signals) + after_silence(population)
    assert raised == complete_run(month(seed))


@given(st.integers(0, 1000), st.sampled_from([2, 6, 24]))
@settings(max_examples=10, deadline=None)
def test_slower_time_with_its_rule_alerts_at_the_same_bins(seed: int, scale: int) -> None:
    """The detector would depend on a time scale that no setting shows."""
    slow = Rule(
        false_alarms_per_subject_month=RULE.false_alarms_per_subject_month / scale,
        keep_firing_for=RULE.keep_firing_for * scale,
        update_interval=RULE.update_interval * scale,
        bin=RULE.bin * scale,
    )
    expected = [
        (alert.subject, alert.status, (alert.detected_at - BEGIN) * scale)
        for alert in complete_run(month(seed))
    ]
    raised = complete_run(month(seed, scale), slow, scale)
    assert [(alert.subject, alert.status) for alert in raised] == [row[:2] for row in expected]
    for alert, (_, _, time) in zip(raised, expected, strict=True):
        assert abs(alert.detected_at - BEGIN - time) < timedelta(milliseconds=1)


@given(st.floats(0.05, 12.0), st.floats(0.0, 1.0), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_constant_news_never_alerts(every: float, negative: float, subjects: int) -> None:
    """A subject whose news never changes would be reported as a surge."""
    hours = [every * number for number in range(int(min(1000.0 / every, 3000.0)))]
    signals = [
        news_at(subject, key, hour, negative)
        for key, hour in enumerate(hours)
        for subject in SUBJECTS[:subjects]
    ]
    assert alerts(Population(RULE), signals) == []


@given(st.integers(0, 100_000), st.integers(1, 1440))
@settings(max_examples=25, deadline=None)
def test_a_constant_series_never_alerts(value: int, minutes: int) -> None:
    """A series whose numbers never change would be reported as a surge."""
    series = Series(RULE)
    step = timedelta(minutes=minutes)
    assert not [alert for row in range(600) for alert in series.count(BEGIN + row * step, value)]


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_every_alert_that_fires_resolves(seed: int) -> None:
    """Somebody would wait for an end that never comes."""
    raised = complete_run(month(seed))
    firing = [alert.id for alert in raised if alert.status == "firing"]
    assert sorted(firing) == sorted(alert.id for alert in raised if alert.status == "resolved")
    assert len(set(firing)) == len(firing)


def test_a_subject_takes_less_than_two_kilobytes() -> None:
    """The changelog and the memory of workers would outgrow what the documentation says."""
    population = Population(RULE)
    for key in range(400):
        signal = news_at("company:" + "X" * 60, key, key / 20.0, 0.9)
        headline = f"{key} " + "Ünternehmen meldet Verluste \x07" * 20
        population.count(signal.model_copy(update={"headline": headline, "key": f"{key:064}"}))
    sizes = {name: len(value) for name, value in population.changes() if value}
    assert max(size for name, size in sizes.items() if name.startswith("subject|")) < 2048


def test_late_news_is_counted_as_late_and_changes_nothing_else() -> None:
    """News that comes after its bin was closed would raise an alert in the past, or vanish."""
    signals = month(3)
    population = Population(RULE)
    raised = alerts(population, signals)
    assert population.count(news_at(SUBJECTS[0], 9999, 10.0, 1.0)) == []
    assert population.late == 1
    assert raised + after_silence(population) == complete_run(signals)


def test_a_silenced_subject_never_alerts() -> None:
    """People would be woken by what they had silenced."""
    rule = RULE.model_copy(update={"silenced": ("company:*",)})
    subjects = {alert.subject for alert in complete_run(month(1), rule)}
    assert not [name for name in subjects if name.startswith("company:")]


def test_a_surge_must_last_as_long_as_the_rule_says() -> None:
    """The setting `for` would not keep short surges from firing."""
    patient = RULE.model_copy(update={"for_": timedelta(hours=3)})
    eager_time, patient_time = (
        next(
            alert.detected_at for alert in complete_run(month(1), rule) if alert.status == "firing"
        )
        for rule in (RULE, patient)
    )
    assert timedelta(hours=3) <= patient_time - eager_time < timedelta(hours=4)


def test_a_surge_of_good_news_raises_no_alert() -> None:
    """A company would be reported for its best day."""
    signals = [
        signal.model_copy(update={"negative": 0.05}) if signal.negative == 0.9 else signal
        for signal in month(1)
    ]
    assert SUBJECTS[0] not in {alert.subject for alert in complete_run(signals)}


def test_ten_wires_of_one_story_are_one_piece_of_evidence() -> None:
    """A story that many outlets reprint would look like a surge."""
    signals = [
        signal.model_copy(update={"story": 7}) if signal.negative == 0.9 else signal
        for signal in month(1)
    ]
    assert SUBJECTS[0] not in {alert.subject for alert in complete_run(signals)}
