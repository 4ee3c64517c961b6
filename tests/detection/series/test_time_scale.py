"""The statistic of a series at one time scale."""

from math import inf, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.bins import Bin
from detection.evidence.peak_tail import RISE_FLOOR, PeakTail
from detection.expected.overdispersion import MAX_WINDOW_DEVIATIONS
from detection.series.time_scale import MAX_ROW_FACTOR, TimeScale
from detection.series.variance_model import VarianceModel


def row(number: int, value: float, expected: float = 20.0) -> Bin:
    """Return a row with this value and expectation."""
    return Bin(number, value, value, expected, baseline=expected)


def ordinary(rows: int = 200, half_life: float = 1.0, value: float = 20.0) -> TimeScale:
    """Return a scale after rows with exactly the expected value."""
    scale = TimeScale(half_life)
    for number in range(rows):
        scale.weigh(row(number, value, value), 1.0, known_bins=200.0)
        scale.learn(1.0)
        scale.update_threshold(1e-4, 1.0, firing=False)
    return scale


def test_no_evidence_without_a_surplus() -> None:
    """A series that falls silent would raise an alert."""
    scale = ordinary()
    assert scale.weigh(row(200, 0.0), 1.0, known_bins=200.0) == 0.0
    assert scale.weigh(row(201, 20.0), 1.0, known_bins=200.0) == 0.0


def test_without_an_expectation_there_is_no_evidence() -> None:
    """The first row after an empty baseline would divide by zero."""
    scale = TimeScale(1.0)
    assert scale.weigh(row(0, 5.0, 0.0), 1.0, known_bins=24.0) == 0.0
    assert scale.factor == 0.0


@pytest.mark.property
@given(value=st.floats(0.0, 1e5), more=st.floats(0.0, 1e5))
def test_a_larger_value_is_never_less_evidence(value: float, more: float) -> None:
    """A bigger surge would be less alarming."""
    less, greater = ordinary(50), ordinary(50)
    small = less.weigh(row(50, value), 1.0, known_bins=200.0)
    assert greater.weigh(row(50, value + more), 1.0, known_bins=200.0) >= small


def test_a_young_baseline_counts_for_less() -> None:
    """In its second day a series would alarm as surely as after a year."""
    young, old = ordinary(), ordinary()
    surge = row(200, 200.0)
    assert young.weigh(surge, 1.0, known_bins=24.0) < old.weigh(surge, 1.0, known_bins=2400.0)


def test_a_short_scale_sees_a_spike_and_a_long_scale_a_busy_day() -> None:
    """One scale for all would miss either a spike or a slow rise."""
    spike = [ordinary(half_life=half_life) for half_life in (0.1, 12.0)]
    busy = [ordinary(half_life=half_life) for half_life in (0.1, 12.0)]
    for scale in spike:
        scale.weigh(row(200, 200.0), 1.0, known_bins=200.0)
    for scale in busy:
        for number in range(24):
            scale.weigh(row(200 + number, 36.0), 1.0, known_bins=200.0)
    assert spike[0].effect > spike[1].effect
    assert busy[0].evidence < busy[1].evidence


def test_sums_halve_in_a_half_life() -> None:
    """The documented length of a surge at each scale would be wrong."""
    scale = TimeScale(half_life=4.0)
    scale.weigh(row(0, 8.0, 16.0), 1.0, known_bins=200.0)
    scale.weigh(row(1, 0.0, 0.0), 4.0, known_bins=200.0)
    assert (scale.observed, scale.expected, scale.poisson_variance) == (4.0, 8.0, 4.0)


def test_one_row_is_clipped() -> None:
    """A single broken row would keep an alert firing for days."""
    scale = TimeScale(1.0)
    scale.weigh(row(0, 1e60, 20.0), 1.0, known_bins=200.0)
    assert scale.observed == MAX_ROW_FACTOR * 21.0


def test_the_threshold_rises_as_the_promise_gets_stricter() -> None:
    """The setting for false alarms would do nothing."""
    thresholds = []
    for rate in (1e-2, 1e-3, 1e-4):
        scale = ordinary()
        scale.update_threshold(rate, 1.0, firing=False)
        thresholds.append(scale.threshold)
    assert thresholds[0] < thresholds[1] < thresholds[2]


def test_high_peaks_in_ordinary_times_raise_the_threshold() -> None:
    """A wild series would alarm more often than promised."""
    calm, wild = ordinary(), ordinary()
    for number in range(600):
        value = 150.0 if number % 30 == 0 else 20.0
        wild.weigh(row(200 + number, value), 1.0, known_bins=200.0)
        wild.update_threshold(1e-4, 1.0, firing=False)
    assert wild.threshold > 2 * calm.threshold


def test_a_firing_alert_does_not_raise_the_threshold() -> None:
    """One surge would hide the next one."""
    scale = ordinary()
    scale.weigh(row(200, 400.0), 1.0, known_bins=200.0)
    scale.update_threshold(1e-4, 1.0, firing=True)
    before = scale.threshold
    for number in range(50):
        scale.weigh(row(201 + number, 400.0), 1.0, known_bins=200.0)
        scale.update_threshold(1e-4, 1.0, firing=True)
    assert scale.threshold == before


def test_the_excess_is_positive_exactly_beyond_the_threshold() -> None:
    """An alert would begin before its threshold, or after it."""
    for value in (20.0, 60.0, 100.0, 150.0, 250.0, 600.0):
        scale = ordinary()
        scale.weigh(row(200, value), 1.0, known_bins=200.0)
        scale.update_threshold(1e-3, 1.0, firing=False)
        assert (scale.excess >= 0.0) == (scale.evidence >= scale.threshold)


def test_the_onset_is_the_first_row_of_the_rise() -> None:
    """An alert would be dated to a row long before its surge, or after it."""
    scale = ordinary()
    for number, value in enumerate((20.0, 70.0, 90.0, 120.0), 200):
        scale.weigh(row(number, value), 1.0, known_bins=200.0)
    assert scale.evidence >= RISE_FLOOR
    assert (scale.since.onset, scale.since.bins) == (201, 3)
    scale.weigh(row(204, 0.0), 10.0, known_bins=200.0)
    assert scale.is_quiet
    assert scale.since.bins == 0


def test_after_its_alert_a_surge_is_discarded() -> None:
    """A resolved alert would fire again at once."""
    scale = ordinary(half_life=12.0)
    for number in range(12):
        scale.weigh(row(200 + number, 200.0), 1.0, known_bins=200.0)
    assert not scale.is_quiet
    scale.discard_surge()
    assert scale.weigh(row(212, 20.0), 1.0, known_bins=200.0) == 0.0
    assert scale.since.bins == 0


def test_a_rescaled_scale_expects_the_new_level() -> None:
    """After a rebaseline, the old sums would keep the alert firing for half a day."""
    scale = ordinary(half_life=12.0)
    for number in range(100):
        scale.weigh(row(200 + number, 100.0), 1.0, known_bins=200.0)
    assert scale.factor == pytest.approx(5.0, rel=0.05)
    poisson_variance = scale.poisson_variance
    scale.rescale(5.0)
    assert scale.poisson_variance == 5.0 * poisson_variance
    assert scale.factor == pytest.approx(1.0, rel=0.05)
    initial = scale.variance_model.initial_quadratic
    assert scale.variance_model == VarianceModel(initial_quadratic=initial)


def test_learning_clips_errors() -> None:
    """One wild row would raise the variance so far that the next surge is missed."""
    clipped, wild = ordinary(), ordinary()
    clipped.weigh(row(200, 400.0), 1.0, known_bins=200.0)
    wild.weigh(row(200, 2_000.0), 1.0, known_bins=200.0)
    for scale in (clipped, wild):
        scale.learn(1.0)
    assert wild.variance_model == clipped.variance_model


@pytest.mark.property
@given(value=st.floats(0.0, 1e9), mean=st.floats(0.1, 1e6))
def test_the_baseline_learns_a_clipped_value(value: float, mean: float) -> None:
    """A broken row would become part of the baseline, or ordinary rows would be cut."""
    scale = TimeScale(0.1)
    deviation = scale.variance_model.law().variance(mean, mean) ** 0.5
    clipped = scale.clip(value, mean)
    assert clipped <= value
    assert clipped <= (mean + MAX_WINDOW_DEVIATIONS * deviation) * (1.0 + 1e-9)
    assert clipped == value or value > mean + MAX_WINDOW_DEVIATIONS * deviation * (1.0 - 1e-9)


@pytest.mark.property
@given(values=st.lists(st.sampled_from([0.0, 1e-9, 20.0, 1e3, 1e60]), max_size=30))
def test_all_numbers_stay_finite(values: list[float]) -> None:
    """An extreme row would make every later threshold infinite, and hide all surges."""
    scale = TimeScale(1.0, tail=PeakTail())
    for number, value in enumerate(values):
        scale.weigh(row(number, value), 1.0, known_bins=24.0 + number)
        scale.learn(1.0)
        scale.update_threshold(1e-4, 1.0, firing=False)
        assert isfinite(scale.evidence)
        assert 0.0 < scale.threshold < inf
