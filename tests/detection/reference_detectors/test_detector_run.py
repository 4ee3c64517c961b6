"""From alarms of a reference detector to alerts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.reference_detectors.detector_run import BinRange, DetectorRun
from detection.reference_detectors.registry import REFERENCE_DETECTORS, ReferenceDetector

FIXED = REFERENCE_DETECTORS[0]


class AlarmOnce:
    """A stepper that alarms at the first value from its threshold on, and never again."""

    def __init__(self, threshold: float, _memory: int) -> None:
        self._threshold = threshold
        self._alarmed = False

    def step(self, value: float) -> bool:
        alarms = value >= self._threshold and not self._alarmed
        self._alarmed |= alarms
        return alarms


ALARM_ONCE = ReferenceDetector("alarm once", 1.0, 0.1, 10.0, stepper=AlarmOnce)


def expected_starts(alarms: list[int], hold: int) -> list[int]:
    """Return the alarms that come more than ``hold`` bins after the alarm before."""
    pairs = zip([-100, *alarms], alarms, strict=False)
    return [index for before, index in pairs if index - before > hold]


@pytest.mark.property
@given(values=st.lists(st.sampled_from([0.0, 9.0]), max_size=40), hold=st.integers(1, 5))
def test_alerts_never_touch_and_cover_every_alarm(values: list[float], hold: int) -> None:
    """One surge would become two alerts, or an alarm would belong to none."""
    alerts = list(DetectorRun(FIXED, values, memory=28, hold=hold).alerts(5.0))
    alarms = [index for index, value in enumerate(values) if value]
    spans = [range(alert.first, alert.end or len(values)) for alert in alerts]
    assert all(sum(index in span for span in spans) == 1 for index in alarms)
    assert [alert.first for alert in alerts] == expected_starts(alarms, hold)
    assert all(alert.end is None or alert.end <= len(values) for alert in alerts)


def test_an_alert_that_outlasts_the_series_has_no_end() -> None:
    """An alert at the end of an archive would be reported as resolved."""
    run = DetectorRun(FIXED, [0.0, 9.0, 0.0], memory=28, hold=4)
    assert list(run.alerts(5.0)) == [BinRange(1, None)]


def test_the_threshold_itself_is_an_alarm() -> None:
    """A tuned threshold, which is often one of the scores, would raise no alert."""
    run = DetectorRun(FIXED, [0.0, 5.0, 0.0, 0.0], memory=28, hold=1)
    assert list(run.alerts(5.0)) == [BinRange(1, 3)]
    assert list(run.alerts(5.1)) == []


def test_a_run_can_be_repeated_at_another_threshold() -> None:
    """Tuning would try its second threshold on a detector that has seen the series already."""
    run = DetectorRun(ALARM_ONCE, [0.0, 2.0, 8.0, 0.0, 0.0], memory=28, hold=1)
    assert [list(run.alerts(threshold)) for threshold in (5.0, 1.0, 5.0)] == [
        [BinRange(2, 4)],
        [BinRange(1, 3)],
        [BinRange(2, 4)],
    ]
