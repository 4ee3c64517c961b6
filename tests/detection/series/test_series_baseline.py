"""Baseline of a series: its mean and the pattern of its week."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.expected.bin_clock import WARM_UP_BINS, WEEK
from detection.series.series_baseline import CHECK_BINS, SeriesBaseline


def warmed_up(value: float = 10.0, rows_per_bin: int = 1) -> SeriesBaseline:
    """Return a baseline after a first day with ``value`` in each bin."""
    baseline = SeriesBaseline()
    for _ in range(WARM_UP_BINS * rows_per_bin):
        baseline.warm_up(value / rows_per_bin, 1.0 / rows_per_bin)
    return baseline


@pytest.mark.parametrize("rows_per_bin", [1, 4, 16])
def test_the_first_day_sets_the_mean_whatever_the_rows_length(rows_per_bin: int) -> None:
    """A series of minutes would be expected to bring as much as one of hours."""
    baseline = warmed_up(12.0, rows_per_bin)
    assert baseline.is_warm
    assert baseline.expect(0) == pytest.approx(12.0)


def test_before_the_first_day_is_over_nothing_is_expected() -> None:
    """The beginning of a series would be taken for a surge."""
    baseline = SeriesBaseline()
    for _ in range(WARM_UP_BINS - 1):
        baseline.warm_up(5.0, 1.0)
    assert not baseline.is_warm
    baseline.warm_up(5.0, 1.0)
    assert baseline.is_warm


@pytest.mark.parametrize("outliers", [1, 2])
def test_two_outliers_on_the_first_day_do_not_blind_the_series(outliers: int) -> None:
    """One broken row at the start would hide every surge of the next months."""
    baseline = SeriesBaseline()
    for number in range(WARM_UP_BINS):
        baseline.warm_up(1e9 if number < outliers else 10.0, 1.0)
    assert 10.0 <= baseline.expect(0) <= 30.0


def test_the_first_day_tells_how_much_bins_differ() -> None:
    """A wild series would begin with the threshold of a steady one, and alarm at once."""
    steady, wild = SeriesBaseline(), SeriesBaseline()
    for number in range(WARM_UP_BINS):
        low = steady.warm_up(10.0, 1.0)
        high = wild.warm_up(20.0 * (number % 2), 1.0)
    assert low == pytest.approx(0.0)
    assert high == pytest.approx(1.0)


def test_a_series_of_zeros_has_a_positive_expectation() -> None:
    """A series that begins with nothing would end in a division by zero."""
    baseline = warmed_up(0.0)
    assert baseline.expect(0) > 0.0
    baseline.learn(0, 3.0, 1.0, firing=False)
    assert baseline.expect(0) > 0.0


def test_the_pattern_of_the_week_is_learnt() -> None:
    """Every morning would be a surge."""
    baseline = warmed_up(10.0)
    for hour in range(8 * WEEK):
        baseline.learn(hour % WEEK, 30.0 if hour % 24 == 9 else 5.0, 1.0, firing=False)
    assert baseline.expect(9) > 3 * baseline.expect(3)


@pytest.mark.parametrize("rows_per_bin", [1, 4])
def test_the_pattern_does_not_depend_on_the_length_of_rows(rows_per_bin: int) -> None:
    """Rows of a quarter of an hour would give another pattern than rows of an hour."""
    baseline = warmed_up(10.0)
    for hour in range(4 * WEEK):
        value = 30.0 if hour % 24 == 9 else 5.0
        for _ in range(rows_per_bin):
            baseline.learn(hour % WEEK, value / rows_per_bin, 1.0 / rows_per_bin, firing=False)
    assert baseline.expect(9) == pytest.approx(30.0, rel=0.1)
    assert baseline.expect(3) == pytest.approx(5.0, rel=0.1)


def test_a_firing_alert_slows_learning_down() -> None:
    """A surge of some hours would become the baseline, and hide the next one."""
    calm, firing = warmed_up(), warmed_up()
    for hour in range(12):
        calm.learn(hour, 100.0, 1.0, firing=False)
        firing.learn(hour, 100.0, 1.0, firing=True)
    assert 10.0 < firing.expect(100) < calm.expect(100)


def test_a_rescaled_baseline_expects_so_many_times_as_much_and_adapts_fast() -> None:
    """A new level would take weeks to become the baseline, and alarm all the time."""
    baseline = warmed_up()
    for hour in range(3 * WEEK):
        baseline.learn(hour % WEEK, 10.0, 1.0, firing=False)
    before = baseline.expect(5)
    baseline.rescale(8.0)
    assert baseline.expect(5) == pytest.approx(8.0 * before)
    for hour in range(24):
        baseline.learn(hour, 40.0, 1.0, firing=False)
    assert baseline.expect(5) < 6.5 * before


def test_a_series_that_nearly_stops_is_expected_to_stay_low_after_four_weeks() -> None:
    """A series that fell to a hundredth would be blind to surges for months."""
    baseline = warmed_up(100.0)
    for hour in range(int(CHECK_BINS)):
        baseline.learn(hour % WEEK, 100.0, 1.0, firing=False)
    for hour in range(int(CHECK_BINS)):
        baseline.learn(hour % WEEK, 1.0, 1.0, firing=False)
    assert baseline.expect(0) < 15.0


@pytest.mark.property
@given(values=st.lists(st.floats(0.0, 1e9), min_size=1, max_size=60))
def test_the_expectation_is_finite_and_positive_whatever_comes(values: list[float]) -> None:
    """A strange number would end the run with a traceback, or spoil all rows after it."""
    baseline = warmed_up(3.0)
    for number, value in enumerate(values):
        baseline.learn(number % WEEK, value, 1.0, firing=number % 3 == 0)
    assert all(0.0 < baseline.expect(hour) < 1e12 for hour in range(WEEK))


@pytest.mark.property
@given(value=st.floats(0.01, 1e6), factor=st.floats(0.01, 1e4))
def test_the_unit_of_the_values_does_not_matter(value: float, factor: float) -> None:
    """A series in thousands would be watched in another way than the same series in units."""
    small, large = warmed_up(value), warmed_up(value * factor)
    for hour in range(48):
        small.learn(hour, value * (1 + hour % 5), 1.0, firing=False)
        large.learn(hour, value * factor * (1 + hour % 5), 1.0, firing=False)
    if min(value, value * factor) > 0.1:
        assert large.expect(7) == pytest.approx(factor * small.expect(7), rel=1e-6)
