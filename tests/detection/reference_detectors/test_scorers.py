"""Reference detectors whose score can be held against any threshold."""

from math import exp, log, log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.reference_detectors.ewma import SMOOTHING, Ewma
from detection.reference_detectors.fixed import Fixed
from detection.reference_detectors.poisson import Poisson, tail_surprisal
from detection.reference_detectors.registry import REFERENCE_DETECTORS, Scorer
from detection.reference_detectors.rolling_robust_z import NORMAL_CONSISTENCY, RollingRobustZ

ADAPTIVE = pytest.mark.parametrize("kind", [Ewma, RollingRobustZ, Poisson])
WEEK = [2.0, 3.0, 2.0, 1.0, 4.0, 2.0, 3.0]


def last_score(detector: Scorer, values: list[float]) -> float:
    """Return the score of the last of ``values``."""
    return [detector.score(value) for value in values][-1]


@ADAPTIVE
def test_nothing_alarms_before_a_quarter_of_the_memory_is_filled(
    kind: type[Ewma | RollingRobustZ | Poisson],
) -> None:
    """A new subject would alarm with its second headline."""
    detector = kind(memory=40)
    assert [detector.score(value) for value in [0.0] * 9 + [1000.0]] == [0.0] * 10
    assert detector.score(5000.0) > 0.0


@ADAPTIVE
def test_a_level_that_lasts_becomes_ordinary(
    kind: type[Ewma | RollingRobustZ | Poisson],
) -> None:
    """A company that has become larger would alarm for ever."""
    first = last_score(kind(memory=20), [*WEEK * 4, 30.0])
    later = last_score(kind(memory=20), [*WEEK * 4, *[30.0] * 100])
    assert later < 1.0 < first


@ADAPTIVE
def test_a_larger_value_never_has_a_lower_score(
    kind: type[Ewma | RollingRobustZ | Poisson],
) -> None:
    """A bigger surge would be less alarming."""
    scores = [last_score(kind(memory=40), [*WEEK * 4, float(value)]) for value in range(40)]
    assert scores == sorted(scores)


@pytest.mark.property
@given(values=st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_the_fixed_threshold_compares_the_value_itself(values: list[int]) -> None:
    """The setting "10" would not mean ten negative headlines in a bin."""
    fixed = Fixed()
    assert [fixed.score(value) for value in values] == values


def test_the_ewma_score_is_in_deviations_of_the_smoothed_value() -> None:
    """The usual limit of 3 would not mean three deviations of the chart."""
    chart = Ewma(memory=1000)
    values = [4.0] * 500
    for value in values:
        chart.score(value)
    # Mean 4 and Poisson variance 4; the smoothed value moves by SMOOTHING * 10.
    deviation = 2.0 * (SMOOTHING / (2 - SMOOTHING)) ** 0.5
    assert chart.score(14.0) == pytest.approx(SMOOTHING * 10.0 / deviation)


def test_the_robust_z_of_spread_values_is_in_units_of_the_mad() -> None:
    """The usual limit of 3.5 would not mean 3.5 robust deviations."""
    detector = RollingRobustZ(memory=100)
    values = [float(value) for value in range(0, 202, 2)]
    for value in values[:-1]:
        detector.score(value)
    # Median 100 and MAD 50 of the even numbers from 0 to 198.
    assert detector.score(400.0) == pytest.approx(300.0 / (NORMAL_CONSISTENCY * 50.0))


def test_half_of_the_past_may_be_outliers_for_the_robust_z() -> None:
    """One week of bad news would hide the next one."""
    clean = last_score(RollingRobustZ(memory=100), [2.0] * 60 + [20.0])
    dirty = last_score(RollingRobustZ(memory=100), [2.0] * 60 + [500.0] * 40 + [20.0])
    assert dirty == clean > 3.5


def test_the_poisson_rate_has_half_an_item_added_and_leaves_the_value_out() -> None:
    """The first headline after a silence would be infinitely improbable, or hide itself."""
    detector = Poisson(memory=40)
    assert last_score(detector, [0.0] * 20 + [3.0]) == tail_surprisal(3, 0.5 / 20)


@pytest.mark.property
@given(count=st.integers(1, 60), rate=st.floats(0.05, 30.0))
def test_the_poisson_score_is_the_tail_probability(count: int, rate: float) -> None:
    """The setting "4" would not mean one false alarm in ten thousand bins."""
    terms = [exp(-rate)]
    for larger in range(1, 400):
        terms.append(terms[-1] * rate / larger)
    tail = sum(terms[count:])
    if count <= rate:
        assert tail_surprisal(count, rate) == 0.0
    elif tail > 1e-250:
        assert tail_surprisal(count, rate) == pytest.approx(-log10(tail), rel=1e-6, abs=1e-9)


def test_an_improbable_count_has_a_finite_score() -> None:
    """The largest surges would overflow, and the command would end with a traceback."""
    assert 1e4 < tail_surprisal(10_000, 0.01) < 1e6
    assert tail_surprisal(3, 0.0) == pytest.approx(-(3 * log(1e-6) - log(6.0)) / log(10), rel=1e-3)


def test_the_registry_names_each_detector_once_with_a_threshold_in_its_range() -> None:
    """A table would have two rows of one name, or tuning would start outside the range."""
    names = [detector.name for detector in REFERENCE_DETECTORS]
    assert len(set(names)) == len(names) == 6
    for detector in REFERENCE_DETECTORS:
        assert detector.min_threshold < detector.default_threshold < detector.max_threshold
        assert (detector.scorer is None) != (detector.stepper is None)


def test_a_detector_without_its_library_is_not_available() -> None:
    """The comparison would end with an ImportError where an extra is not installed."""
    detector = REFERENCE_DETECTORS[0]
    assert detector.is_available
    assert not detector._replace(library="no_such_package").is_available
