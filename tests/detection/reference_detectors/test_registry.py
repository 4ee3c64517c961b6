"""Laws that every reference detector obeys, or a comparison with it would be unfair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection.reference_detectors.detector_run import DetectorRun
from detection.reference_detectors.registry import REFERENCE_DETECTORS, ReferenceDetector
from detection.reference_detectors.tuning import tune_threshold

pytestmark = pytest.mark.property

each_detector = pytest.mark.parametrize(
    "detector", REFERENCE_DETECTORS, ids=lambda detector: detector.name
)
NOT_FIXED = [detector for detector in REFERENCE_DETECTORS if detector.name != "fixed threshold"]


def counts(level: float, bins: int, seed: int = 1) -> list[float]:
    """Return independent counts with this mean."""
    return [float(count) for count in np.random.default_rng(seed).poisson(level, bins)]


@pytest.mark.parametrize("detector", NOT_FIXED, ids=lambda detector: detector.name)
@settings(deadline=None)  # river is imported on the way
@given(level=st.integers(0, 50))
def test_a_constant_series_never_alarms(detector: ReferenceDetector, level: int) -> None:
    """A detector that fires on nothing at all would make ours look good next to it."""
    run = DetectorRun(detector, [float(level)] * 300, memory=112, hold=4)
    assert list(run.alerts(detector.default_threshold)) == []


@each_detector
def test_a_series_that_grows_tenfold_is_noticed_within_a_day(detector: ReferenceDetector) -> None:
    """A detector that misses every surge would make ours look good next to it."""
    values = [*counts(2.0, 300), *counts(20.0, 40, seed=2)]
    run = DetectorRun(detector, values, memory=112, hold=4)
    assert any(300 <= alert.first <= 304 for alert in run.alerts(detector.default_threshold))


@each_detector
def test_a_tuned_detector_raises_as_many_alerts_as_allowed_or_just_fewer(
    detector: ReferenceDetector,
) -> None:
    """Detectors would be compared at different rates of false alarms."""
    runs = [DetectorRun(detector, counts(2.0, 500, seed), memory=112, hold=4) for seed in range(8)]

    def count_alerts(threshold: float) -> int:
        return sum(len(list(run.alerts(threshold))) for run in runs)

    threshold = tune_threshold(detector, count_alerts, max_alerts=10)
    assert count_alerts(threshold) <= 10
    assert count_alerts(threshold * 1.5) <= 10
    assert count_alerts(threshold / 1.1) > 10 or threshold == detector.min_threshold
