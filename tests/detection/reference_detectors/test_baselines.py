"""Laws that every baseline obeys, or comparing with it would be unfair."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection.reference_detectors.baseline import REFERENCE_DETECTORS, ReferenceDetector
from detection.reference_detectors.episodes import Episode, Watched
from detection.reference_detectors.tuning import tuned

pytestmark = pytest.mark.property

each = pytest.mark.parametrize("baseline", REFERENCE_DETECTORS, ids=lambda it: it.name)
NOT_FIXED = [it for it in REFERENCE_DETECTORS if it.name != "fixed threshold"]


def counts(level: float, bins: int, seed: int = 1) -> list[float]:
    """Independent counts."""
    return np.random.default_rng(seed).poisson(level, bins).astype(float).tolist()


@pytest.mark.parametrize("baseline", NOT_FIXED, ids=lambda it: it.name)
@settings(deadline=None)  # river is imported on the way
@given(level=st.integers(0, 50))
def test_a_constant_series_never_alarms(baseline: ReferenceDetector, level: int) -> None:
    """A baseline that fires on nothing at all would make anything look good next to it."""
    watched = Watched(baseline, [float(level)] * 300, memory=112, hold=4)
    assert list(watched.episodes(baseline.usual)) == []


@each
def test_a_series_that_grows_tenfold_is_noticed_within_a_day(baseline: ReferenceDetector) -> None:
    """A baseline that sees no surge at all would make anything look good next to it."""
    values = [*counts(2.0, 300), *counts(20.0, 40, seed=2)]
    watched = Watched(baseline, values, memory=112, hold=4)
    assert any(300 <= it.first <= 304 for it in watched.episodes(baseline.usual))


@each
def test_tuned_it_raises_as_many_alerts_as_allowed_or_just_fewer(
    baseline: ReferenceDetector,
) -> None:
    """Baselines are compared at another false-alarm rate than ours."""
    series = [Watched(baseline, counts(2.0, 500, seed), memory=112, hold=4) for seed in range(8)]

    def alerts(threshold: float) -> int:
        return sum(len(list(it.episodes(threshold))) for it in series)

    threshold = tuned(baseline, alerts, wanted=10)
    assert alerts(threshold) <= 10
    assert alerts(threshold * 1.5) <= 10
    assert alerts(threshold / 1.1) > 10 or threshold == baseline.least


@given(values=st.lists(st.sampled_from([0.0, 9.0]), max_size=40), hold=st.integers(1, 5))
def test_alerts_never_touch_and_cover_every_alarm(values: list[float], hold: int) -> None:
    """One episode becomes two alerts, or an alarm belongs to none."""
    found = list(Watched(REFERENCE_DETECTORS[0], values, memory=28, hold=hold).episodes(5.0))
    alarming = [place for place, value in enumerate(values) if value]
    spans = [range(it.first, it.end or len(values)) for it in found]
    assert all(sum(place in span for span in spans) == 1 for place in alarming)
    assert [it.first for it in found] == list(_begun(alarming, hold))
    assert all(it.end is None or it.end <= len(values) for it in found)


def _begun(alarming: list[int], hold: int) -> Iterator[int]:
    last = None
    for place in alarming:
        if last is None or place - last > hold:
            yield place
        last = place


def test_an_alert_that_outlasts_the_series_has_no_end() -> None:
    """An alert at the end of an archive is said to be over."""
    watched = Watched(REFERENCE_DETECTORS[0], [0.0, 9.0, 0.0], memory=28, hold=4)
    assert list(watched.episodes(5.0)) == [Episode(1, None)]
