"""Tuning of a threshold to a number of alerts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.reference_detectors.registry import REFERENCE_DETECTORS
from detection.reference_detectors.tuning import tune_threshold

FIXED = REFERENCE_DETECTORS[0]


@pytest.mark.property
@given(scale=st.floats(1.0, 1e6), max_alerts=st.integers(1, 50))
def test_the_threshold_is_the_lowest_one_up_to_two_per_cent(scale: float, max_alerts: int) -> None:
    """A reference detector would get fewer alerts than it may raise, and miss more events."""
    threshold = tune_threshold(FIXED, lambda threshold: scale / threshold, max_alerts)
    lowest = max(scale / max_alerts, FIXED.min_threshold)
    assert lowest <= threshold * (1.0 + 1e-9)
    assert threshold <= lowest * 1.02


def test_a_detector_that_never_raises_too_many_alerts_gets_its_lowest_threshold() -> None:
    """The search for a quiet series would not end, or leave the allowed range."""
    assert tune_threshold(FIXED, lambda _: 0, max_alerts=3) == FIXED.min_threshold


def test_one_endless_alert_at_low_thresholds_is_not_a_solution() -> None:
    """A detector would be tuned so low that it fires all the time, as a single alert."""

    def count_alerts(threshold: float) -> float:
        return 1 if threshold < 10.0 else 1000.0 / threshold

    assert tune_threshold(FIXED, count_alerts, max_alerts=5) == pytest.approx(200.0, rel=0.02)


def test_a_detector_that_always_raises_too_many_alerts_gets_its_highest_threshold() -> None:
    """The tuned threshold would leave the range that the detector allows."""
    threshold = tune_threshold(FIXED, lambda _: 1000.0, max_alerts=3)
    assert threshold == pytest.approx(FIXED.max_threshold, rel=0.02)
