"""The threshold that ordinary evidence exceeds as often as promised."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evidence.peak_tail import MIN_PEAKS_PER_ALERT, MIN_SCALE, PEAK_FLOOR, PeakTail

COUNTS = st.floats(0.0, 1e6)
TAILS = st.builds(PeakTail, COUNTS, COUNTS, COUNTS, COUNTS)


def watched(scale: float, bins_per_peak: int = 100, peaks: int = 2000) -> PeakTail:
    """Return the tail of peaks whose excess is exponential with this mean."""
    dice, tail = Random(1), PeakTail()
    for _ in range(peaks):
        tail.watched += bins_per_peak
        tail.add_peak(PEAK_FLOOR + dice.expovariate(1.0 / scale))
    return tail


@pytest.mark.parametrize("scale", [0.8, 2.0, 5.0])
def test_the_promised_rate_is_kept(scale: float) -> None:
    """A subject would raise more false alarms than the setting allows."""
    rate, tail = 1e-4, watched(scale)
    threshold = tail.threshold(tail, rate)
    dice = Random(2)
    peaks = [PEAK_FLOOR + dice.expovariate(1.0 / scale) for _ in range(200_000)]
    measured = sum(peak >= threshold for peak in peaks) / (100 * len(peaks))
    assert rate / 40 < measured <= rate


def test_a_new_subject_gets_the_populations_threshold() -> None:
    """A new company in a wild feed would raise false alarms until its own tail is known."""
    wild = watched(5.0)
    assert PeakTail().threshold(wild, 1e-4) == pytest.approx(wild.threshold(wild, 1e-4), rel=0.05)
    assert PeakTail().threshold(PeakTail(), 1e-4) < 10.0


def test_the_own_tail_outweighs_the_population_with_time() -> None:
    """A calm company in a wild feed would be watched with the wrong threshold for ever."""
    wild, calm = watched(5.0), watched(0.8)
    assert calm.threshold(wild, 1e-4) < wild.threshold(wild, 1e-4) / 3


def test_peaks_below_the_floor_do_not_count() -> None:
    """Noise would lower the threshold below real surges."""
    tail = PeakTail()
    tail.add_peak(PEAK_FLOOR)
    tail.add_peak(PEAK_FLOOR / 2)
    assert tail == PeakTail()


def test_a_peak_that_raised_an_alert_counts_as_censored_at_the_threshold() -> None:
    """One huge surge would hide all later ones, or alerts would lower their own threshold."""
    tail = watched(1.0)
    scale = tail.scale_estimate(tail)
    tail.add_censored(10.0)
    assert (tail.fired, tail.peaks) == (1.0, 2000.0)
    assert tail.scale_estimate(tail) > scale


@pytest.mark.property
@given(own=TAILS, population=TAILS, rate=st.floats(1e-9, 1.0))
def test_a_stricter_promise_never_lowers_the_threshold(
    own: PeakTail, population: PeakTail, rate: float
) -> None:
    """The setting for false alarms would work the wrong way round."""
    threshold = own.threshold(population, rate)
    assert own.threshold(population, rate / 2) >= threshold > PEAK_FLOOR
    assert own.rarity(population, 1e9) == pytest.approx(0.693, abs=0.001)
    assert MIN_PEAKS_PER_ALERT == 2.0


@pytest.mark.property
@given(own=TAILS, population=TAILS)
def test_the_scale_has_a_lower_bound(own: PeakTail, population: PeakTail) -> None:
    """A subject with many small peaks would alert on the first one that is a little higher."""
    assert own.scale_estimate(population, safety_factor=1.0) >= MIN_SCALE


@pytest.mark.property
@given(first=TAILS, second=TAILS)
def test_tails_add_up(first: PeakTail, second: PeakTail) -> None:
    """The population's tail would forget peaks of its subjects."""
    total = PeakTail()
    total.add(first)
    total.add(second)
    for name in PeakTail.__slots__:
        assert getattr(total, name) == getattr(first, name) + getattr(second, name)
