"""The threshold that follows from the promised rate of false alarms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evidence.peak_tail import MIN_SCALE, PEAK_FLOOR, PeakTail

pytestmark = pytest.mark.property

TAILS = st.builds(
    PeakTail, st.floats(0.0, 1e6), st.floats(0.0, 1e4), st.floats(0.0, 1e2), st.floats(0.0, 1e5)
)


@given(TAILS, TAILS, st.floats(1e-7, 1.0), st.floats(1.0, 100.0))
def test_a_lower_rate_never_lowers_the_threshold(
    tail: PeakTail, population: PeakTail, rate: float, factor: float
) -> None:
    """Whoever asks for fewer false alarms would get more."""
    high = tail.threshold(population, rate / factor)
    assert high >= tail.threshold(population, rate) > PEAK_FLOOR


@given(TAILS, TAILS)
def test_the_scale_has_a_lower_bound(tail: PeakTail, population: PeakTail) -> None:
    """A subject with many small peaks would alert on the first one that is a little higher."""
    assert tail.scale_estimate(population, safety_factor=1.0) >= MIN_SCALE


@given(st.floats(0.0, 100.0))
def test_only_peaks_above_the_floor_count(evidence: float) -> None:
    """Quiet subjects would get a threshold from peaks that say nothing of their tail."""
    tail = PeakTail()
    tail.add_peak(evidence)
    assert tail.peaks == (evidence > PEAK_FLOOR)
    assert tail.excess == max(evidence - PEAK_FLOOR, 0.0)
