"""Decayed moments: what the simple detectors know of the past."""

from statistics import fmean, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.reference_detectors.decayed_moments import (
    MAX_DEVIATIONS,
    MIN_VARIANCE,
    DecayedMoments,
)


def moments(values: list[float], memory: float = 1000) -> DecayedMoments:
    """Return the moments of ``values``."""
    past = DecayedMoments(memory)
    for value in values:
        past.add(value)
    return past


@pytest.mark.property
@given(values=st.lists(st.floats(0, 1e4), min_size=1, max_size=50))
def test_until_the_memory_is_full_all_values_count_alike(values: list[float]) -> None:
    """The first values of a series would bias the detectors for weeks."""
    past = moments(values)
    assert past.mean == pytest.approx(fmean(values), abs=1e-6)
    expected = max(pvariance(values), fmean(values), MIN_VARIANCE)
    assert past.variance == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_old_values_are_forgotten() -> None:
    """A detector would measure today's news against those of a year ago."""
    past = moments([100.0] * 50 + [1.0] * 100, memory=10)
    assert past.mean == pytest.approx(1.0, abs=0.01)


def test_the_variance_is_never_below_that_of_a_poisson_count() -> None:
    """A series that was constant so far would alarm at the smallest change."""
    assert moments([9.0] * 20).variance == 9.0
    assert moments([0.0] * 20).variance == MIN_VARIANCE


def test_an_outlier_is_clipped() -> None:
    """One surge would blind Page-Hinkley and ADWIN for the next weeks."""
    past = moments([4.0] * 20)
    limit = past.mean + MAX_DEVIATIONS * past.deviation
    clipped = moments([4.0] * 20 + [limit])
    past.add_clipped(1e6)
    assert (past.mean, past.variance) == (clipped.mean, clipped.variance)


def test_the_first_value_is_not_clipped() -> None:
    """A large series would need weeks until its scale is known."""
    past = DecayedMoments(memory=28)
    past.add_clipped(500.0)
    assert past.mean == 500.0
