"""The detector of numbers without texts: ``newsquake backtest --volume``."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from detection.expected.bin_clock import WEEK
from detection.rule import Rule
from detection.series.series import MAX_VALUE, Series
from schemas.alert import Alert

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
MINUTES, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)

Value = Callable[[int], float]


def ordinary(seed: int = 1) -> Value:
    """Return random values of 20 to 40 a row."""
    dice = Random(seed)
    return lambda _: dice.randrange(20, 40)


def surging(times: float, rows: range) -> Value:
    """Return ordinary values, ``times`` as large in some rows."""
    value = ordinary()
    return lambda row: value(row) * (times if row in rows else 1.0)


def alerts(rows: Iterable[tuple[datetime, float]], rule: Rule | None = None) -> list[Alert]:
    """Return all changes of alerts that the rows raise."""
    series = Series(rule or Rule())
    return [alert for at, value in rows for alert in series.count(at, value)]


def every(step: timedelta, rows: int, value: Value) -> list[tuple[datetime, float]]:
    """Return rows at regular times."""
    return [(BEGIN + step * row, value(row)) for row in range(rows)]


def statuses(changes: Iterable[Alert]) -> list[str]:
    """Return the statuses without escalations."""
    return [alert.status for alert in changes if alert.status != "escalated"]


ONE_ALERT = ["firing", "resolved"]


@pytest.mark.parametrize(
    ("step", "rows", "surge"),
    [
        (timedelta(seconds=10), 40_000, range(30_000, 30_400)),
        (MINUTES, 8_000, range(5_000, 5_020)),
        (HOUR, 1_200, range(800, 806)),
        (DAY, 200, range(100, 101)),
    ],
    ids=["seconds", "minutes", "hours", "days"],
)
def test_a_surge_is_one_alert_at_any_distance_of_rows(
    step: timedelta, rows: int, surge: range
) -> None:
    """The detector would only suit rows of one length."""
    changes = alerts(every(step, rows, surging(10.0, surge)))
    assert statuses(changes) == ONE_ALERT
    assert BEGIN + step * surge.start <= changes[0].detected_at <= BEGIN + step * surge.stop
    assert changes[-1].detected_at < BEGIN + step * surge.stop + 20 * max(step, HOUR)


@pytest.mark.parametrize("wild", [range(1, 2), range(11, 20)], ids=["first row", "two hours"])
def test_a_wild_beginning_does_not_blind_the_series(wild: range) -> None:
    """One broken row at the start would hide every surge of the next months."""
    value = surging(8.0, range(5_000, 5_020))
    rows = every(MINUTES, 8_000, lambda row: 1e9 if row in wild else value(row))
    assert statuses(alerts(rows)) == ONE_ALERT


@pytest.mark.parametrize(("step", "value"), [(HOUR, 1e55), (DAY, 1e9), (DAY, 3e5)])
def test_a_wild_row_does_not_blind_the_series(step: timedelta, value: float) -> None:
    """One broken row would become the baseline, and hide the surges of the months after."""
    surge = surging(10.0, range(400, 402))
    changes = alerts(every(step, 500, lambda row: value if row == 100 else surge(row)))
    assert statuses(changes) == [*ONE_ALERT, *ONE_ALERT]
    assert changes[-1].detected_at > BEGIN + 400 * step


def test_values_in_larger_portions_become_the_baseline() -> None:
    """A series that comes in batches of four hours would alarm for a year, and hide all else."""
    value = ordinary()
    rows = every(HOUR, 4_000, lambda row: value(row) if row < 720 else 120.0 * (row % 4 == 0))
    changes = alerts(rows)
    assert statuses(changes) == ONE_ALERT
    assert changes[-1].detected_at - changes[0].detected_at < 10 * DAY


def test_a_quiet_start_does_not_spoil_the_week() -> None:
    """The forecast of some hours of the week would be a thousand times too high."""
    series, ordinary_value = Series(Rule()), ordinary()
    expected: list[float] = []
    for at, value in every(HOUR, 2_880, lambda row: ordinary_value(row) if row >= 720 else 0.0):
        series.count(at, value)
        if series.trace_point:
            expected.append(series.trace_point.expected_volume)
    assert max(expected[-WEEK:]) < 6 * 30
    assert sum(expected[-WEEK:]) / WEEK == pytest.approx(30, rel=0.2)


@pytest.mark.parametrize(
    "periodic",
    [
        lambda hour: 200.0 if 8 <= hour % 24 < 16 else 10.0,
        lambda hour: 240.0 if hour % 24 == 8 else 0.0,
        lambda hour: 240.0 if hour % 168 < 120 else 5.0,
    ],
    ids=["working hours", "one hour of the day", "working days"],
)
def test_a_weekly_pattern_never_alarms(periodic: Value) -> None:
    """Every morning, or every Monday, would be a surge."""
    assert not alerts(every(HOUR, 2_000, periodic))


@pytest.mark.parametrize("after", [30.0, 30.0 * 288], ids=["a row's worth", "the gap's worth"])
def test_a_gap_is_no_surge(after: float) -> None:
    """Rows would alarm when a collector returns, whether it lost a day or adds it up."""
    rows = every(MINUTES, 6_000, ordinary())
    late = [(at + DAY * (row > 3_000), value) for row, (at, value) in enumerate(rows)]
    late[3_001] = (late[3_001][0], after)
    assert not alerts(late)


@pytest.mark.parametrize(("step", "days"), [(HOUR, 9), (DAY, 30)], ids=["hours", "days"])
def test_a_level_that_lasts_becomes_the_baseline(step: timedelta, days: int) -> None:
    """A series that grew for good would alarm for months."""
    begin = 24 * 20 * HOUR // step if step == HOUR else 100
    changes = alerts(every(step, begin * 5, surging(10.0, range(begin, begin * 5))))
    assert statuses(changes) == ONE_ALERT
    assert changes[-1].detected_at - changes[0].detected_at < days * DAY


@pytest.mark.parametrize("value", [0.0, 1e-5, 1e9, MAX_VALUE])
def test_numbers_of_any_size_are_counted(value: float) -> None:
    """An extreme number would end the run with a traceback, or spoil all rows after it."""
    dice = Random(2)
    assert not alerts(every(HOUR, 500, lambda _: value * dice.random()))
    series = Series(Rule())
    for at, number in every(HOUR, 500, lambda row: value if row == 100 else 30.0):
        series.count(at, number)
    assert series.trace_point
    assert series.trace_point.threshold > 0.0
    assert 0.0 <= series.trace_point.statistic < 1.0


def test_a_stricter_promise_gives_a_higher_threshold() -> None:
    """The setting for false alarms would do nothing."""
    thresholds = []
    for rate in (1.0, 0.1, 0.01):
        series = Series(Rule(false_alarms_per_subject_month=rate))
        for at, value in every(HOUR, 500, ordinary()):
            series.count(at, value)
        assert series.trace_point
        thresholds.append(series.trace_point.threshold)
    assert thresholds == sorted(thresholds)
    assert thresholds[0] < thresholds[2]


def test_two_alerts_have_two_ids() -> None:
    """The second surge would be counted together with the first."""
    dice = Random(7)
    often = Rule(keep_firing_for=timedelta(0), false_alarms_per_subject_month=30.0)
    changes = alerts(every(DAY, 6_000, lambda _: dice.gammavariate(0.7, 40.0)), often)
    fired = [alert for alert in changes if alert.status == "firing"]
    ended = [alert for alert in changes if alert.status == "resolved"]
    assert len({alert.id for alert in fired}) == len(fired) > 50
    assert all(new.onset >= old.detected_at for old, new in zip(ended, fired[1:], strict=False))
