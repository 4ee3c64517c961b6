"""The weighted mean that forgets its past."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.expected.decayed_mean import BIN_DECAY, DecayedMean

VALUES = st.lists(
    st.tuples(st.floats(0, 100, allow_subnormal=False), st.floats(0.01, 10)), max_size=30
)


def learnt(values: list[tuple[float, float]]) -> DecayedMean:
    """Return the mean of (value, weight)."""
    mean = DecayedMean()
    for value, weight in values:
        mean.learn(value * weight, weight)
    return mean


@pytest.mark.property
@given(values=VALUES, prior=st.floats(0, 100, allow_subnormal=False), weight=st.floats(0.01, 100))
def test_the_estimate_lies_between_the_prior_and_the_values(
    values: list[tuple[float, float]], prior: float, weight: float
) -> None:
    """A subject would be expected to bring more than it or anybody else ever did."""
    everything = [prior, *(value for value, _ in values)]
    estimate = learnt(values).shrunk(prior, weight)
    assert min(everything) * (1 - 1e-9) <= estimate <= max(everything) * (1 + 1e-9)


@pytest.mark.property
@given(values=VALUES, bins=st.integers(0, 500))
def test_skipped_bins_are_as_many_bins_without_weight(
    values: list[tuple[float, float]], bins: int
) -> None:
    """A subject that catches up at once would differ from one that was always watched."""
    skipped, stepped = learnt(values), learnt(values)
    skipped.skip_bins(bins)
    for _ in range(bins):
        stepped.learn(0.0, 0.0)
    assert skipped.total == pytest.approx(stepped.total, rel=1e-9)
    assert skipped.weight == pytest.approx(stepped.weight, rel=1e-9)


def test_the_mean_life_is_45_days() -> None:
    """A new level would be known after another time than the documentation says."""
    mean = learnt([(1.0, 1.0)])
    mean.skip_bins(45 * 24)
    assert mean.weight == pytest.approx(0.368, abs=0.001)
    assert pytest.approx(1 - 1 / 1080) == BIN_DECAY


def test_a_slow_pace_slows_learning_and_forgetting_alike() -> None:
    """While an alert fires, the past would be forgotten faster than the present is learnt."""
    slow, fast = learnt([(1.0, 1.0)] * 100), learnt([(1.0, 1.0)] * 100)
    slow.learn(10.0, 1.0, pace=0.25)
    fast.learn(10.0, 1.0)
    before = learnt([(1.0, 1.0)] * 100)
    assert slow.total - before.total == pytest.approx((fast.total - before.total) / 4, rel=1e-9)
    assert slow.weight - before.weight == pytest.approx((fast.weight - before.weight) / 4, rel=1e-9)
