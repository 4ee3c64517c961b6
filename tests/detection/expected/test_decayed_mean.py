"""The mean that forgets: all that the detector learns is made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.expected.decayed_mean import BIN_DECAY, DecayedMean

pytestmark = pytest.mark.property


@given(st.floats(0.0, 1e6), st.floats(0.0, 1e6), st.integers(1, 500))
def test_skipping_bins_forgets_as_much_as_empty_bins(
    total: float, weight: float, bins: int
) -> None:
    """A subject's baseline would depend on whether its empty bins were closed one by one."""
    skipped, learnt = DecayedMean(total, weight), DecayedMean(total, weight)
    skipped.skip_bins(bins)
    for _ in range(bins):
        learnt.learn(0.0, 0.0)
    assert skipped.total == pytest.approx(learnt.total)
    assert skipped.weight == pytest.approx(learnt.weight)


@given(st.floats(0.0, 1e3), st.floats(0.01, 1.0))
def test_a_pace_below_one_forgets_and_learns_less(value: float, pace: float) -> None:
    """A surge would become the baseline while its alert fires."""
    mean = DecayedMean(100.0, 100.0)
    mean.learn(value, 1.0, pace)
    assert mean.weight == pytest.approx(100.0 * (1.0 - (1.0 - BIN_DECAY) * pace) + pace)
    assert min(1.0, value) - 1e-9 <= mean.shrunk(1.0, 0.0) <= max(1.0, value) + 1e-9


@given(st.floats(0.0, 1e3), st.floats(0.0, 1e3), st.floats(0.0, 10.0), st.floats(0.1, 1e3))
def test_the_shrunk_mean_lies_between_the_mean_and_the_prior(
    value: float, weight: float, prior: float, prior_weight: float
) -> None:
    """A new subject's baseline would be unlike both its own news and that of the others."""
    shrunk = DecayedMean(value * weight, weight).shrunk(prior, prior_weight)
    assert min(value, prior) - 1e-6 <= shrunk <= max(value, prior) + 1e-6
