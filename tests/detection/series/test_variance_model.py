"""Variance of decayed sums: a linear and a quadratic term."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.series.variance_model import (
    INITIAL_QUADRATIC,
    MIN_LINEAR,
    MIN_QUADRATIC,
    VarianceLaw,
    VarianceModel,
)

POSITIVE = st.floats(1e-3, 1e6)


def learn(linear: float, quadratic: float) -> VarianceLaw:
    """Return the law that is estimated from sums whose squared errors are as large as expected."""
    dice, model = Random(1), VarianceModel()
    for _ in range(20_000):
        mean = dice.choice([1.0, 10.0, 100.0])
        model.learn(mean, mean, linear * mean + quadratic * mean * mean, 0.5)
    return model.law()


def test_before_any_sum_the_law_is_the_assumed_one() -> None:
    """A new series would alarm at its first ordinary rows, or never."""
    law = VarianceModel().law()
    assert law.linear == pytest.approx(1.0)
    assert law.quadratic == pytest.approx(INITIAL_QUADRATIC)
    wild = VarianceModel(initial_quadratic=4.5).law()
    assert wild.quadratic == pytest.approx(4.5)


@pytest.mark.parametrize(("linear", "quadratic"), [(1.0, 0.5), (8.0, 0.1), (3.0, 1.0)])
def test_both_factors_are_found_but_for_some_shrinkage(linear: float, quadratic: float) -> None:
    """A series in clusters would be taken for one with busy hours, and alarm too often."""
    law = learn(linear, quadratic)
    assert abs(law.quadratic - quadratic) <= 0.2 * abs(INITIAL_QUADRATIC - quadratic)
    assert abs(law.linear - linear) <= 0.4 * abs(1.0 - linear) + 0.05
    assert law.variance(100.0, 100.0) == pytest.approx(linear * 100 + quadratic * 1e4, rel=0.2)


def test_independent_counts_need_hardly_any_quadratic_term() -> None:
    """Surges of a large, steady series would be missed."""
    law = learn(1.0, 0.0)
    assert law.quadratic < 0.05
    assert law.linear == pytest.approx(1.0, rel=0.1)


def test_clusters_are_found_although_large_sums_are_calm() -> None:
    """The bound of one factor would spoil the other, and a clustered series alarm too often."""
    dice, model = Random(1), VarianceModel()
    for _ in range(20_000):
        mean, linear = dice.choice([(1.0, 20.0), (10.0, 20.0), (100.0, 4.0)])
        model.learn(mean, mean, linear * mean, 0.5)
    assert model.law().quadratic == MIN_QUADRATIC
    assert model.law().linear > 5.0


def test_a_series_that_has_become_calmer_is_trusted_again() -> None:
    """One wild month would hide the surges of the next year."""
    model = VarianceModel()
    for number in range(500):
        model.learn(50.0, 50.0, 50_000.0 * (number % 2), 1.0)
    wild = model.law().variance(50.0, 50.0)
    for _ in range(5_000):
        model.learn(50.0, 50.0, 50.0, 1.0)
    assert model.law().variance(50.0, 50.0) < wild / 20


@pytest.mark.property
@given(
    sums=st.lists(
        st.tuples(POSITIVE, POSITIVE, st.floats(0.0, 1e12), st.floats(1e-3, 1.0)), max_size=30
    ),
    mean=POSITIVE,
)
def test_the_variance_is_never_below_its_lower_bounds(
    sums: list[tuple[float, float, float, float]], mean: float
) -> None:
    """A threshold would be negative or infinite after a strange row."""
    model = VarianceModel()
    for row in sums:
        model.learn(*row)
    law = model.law()
    assert law.linear >= MIN_LINEAR
    assert law.quadratic >= MIN_QUADRATIC
    assert law.variance(mean, mean) >= mean


@pytest.mark.property
@given(mean=POSITIVE, error=st.floats(0.0, 1e9), bins=st.floats(0.01, 1.0))
def test_a_larger_error_never_lowers_the_variance(mean: float, error: float, bins: float) -> None:
    """A series would be trusted the more, the wilder it is."""
    small, large = VarianceModel(), VarianceModel()
    small.learn(mean, mean, error, bins)
    large.learn(mean, mean, 2.0 * error + 1.0, bins)
    before, after = (model.law().variance(mean, mean) for model in (small, large))
    assert after >= before * (1.0 - 1e-9)
