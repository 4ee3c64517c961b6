"""The variance of a day's negative volume."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evidence.decayed_window import WINDOW_DECAY, DecayedWindow
from detection.expected.decayed_mean import DecayedMean
from detection.expected.market_adjustment import AdjustedWindow
from detection.expected.overdispersion import (
    FIRST_DISPERSION,
    MAX_WINDOW_DEVIATIONS,
    MIN_DISPERSION,
    quiet_span_excess,
    window_dispersion,
    window_excess,
    window_variance,
)


def window(negative: float, expected: float = 10.0, chance: float = 5.0) -> AdjustedWindow:
    """Return a window with this negative volume."""
    return AdjustedWindow(30.0, negative, expected, chance, 0.3, 0.3)


def test_a_new_subject_varies_as_much_as_assumed() -> None:
    """A new feed would alarm at its first busy day, or never."""
    assert window_dispersion(DecayedMean(), DecayedMean()) == FIRST_DISPERSION


def test_the_dispersion_never_falls_below_its_bound() -> None:
    """A perfectly regular feed would alarm at the first irregular hour."""
    regular = DecayedMean(-1e6, 1e5)
    assert window_dispersion(regular, regular) == MIN_DISPERSION


def test_a_subject_is_shrunk_towards_the_population() -> None:
    """One wild day of a company would hide its next surge."""
    wild = DecayedMean(500.0, 100.0)
    alone, pooled = window_dispersion(wild, wild), window_dispersion(wild, DecayedMean(0.0, 1e5))
    assert pooled < 0.5 < alone


def test_a_window_as_wild_as_chance_has_no_excess() -> None:
    """Dispersion would be learnt from news that is as random as a fair process."""
    fair = window_excess(window(10.0 + 5.0**0.5), FIRST_DISPERSION)
    assert fair is not None
    assert fair[0] == pytest.approx(0.0, abs=1e-9)
    calm, busy = window_excess(window(10.0), 0.5), window_excess(window(20.0), 0.5)
    assert calm is not None
    assert busy is not None
    assert calm[0] < 0.0 < busy[0]


def test_an_outlier_is_clipped() -> None:
    """One surge would raise the threshold of a subject for weeks."""
    limit = 10.0 + MAX_WINDOW_DEVIATIONS * window_variance(10.0, 5.0, 0.5) ** 0.5
    assert window_excess(window(1e6), 0.5) == window_excess(window(limit), 0.5)


def test_without_an_expectation_nothing_is_learnt() -> None:
    """The first window of a feed would divide by zero."""
    assert window_excess(window(3.0, expected=0.0), 0.5) is None
    assert quiet_span_excess(DecayedWindow(), DecayedWindow(), 5, 0.5) is None


@pytest.mark.property
@given(expected=st.floats(1e-3, 1e4), chance=st.floats(1e-3, 1e4))
def test_windows_that_tell_more_weigh_more(expected: float, chance: float) -> None:
    """The windows of sparse subjects would drown those of busy ones."""
    small = window_excess(window(0.0, expected, chance), 0.5)
    large = window_excess(window(0.0, 2.0 * expected, chance), 0.5)
    assert small is not None
    assert large is not None
    assert large[1] > small[1] > 0.0


@pytest.mark.parametrize("bins", [1, 10, 48])
def test_a_quiet_span_counts_as_its_windows_one_by_one(bins: int) -> None:
    """A subject's threshold would depend on how often others had news meanwhile."""
    expected, chance = 4.0, 2.0
    before = DecayedWindow(20.0, 6.0, 12.0, expected, chance)
    total = weight = 0.0
    for number in range(1, bins + 1):
        excess = window_excess(window(6.0 * WINDOW_DECAY**number, expected, chance), 0.5)
        assert excess is not None
        total, weight = total + excess[0], weight + excess[1]
    after = DecayedWindow(0.0, 6.0 * WINDOW_DECAY**bins, 12.0, expected, chance)
    span = quiet_span_excess(before, after, bins, 0.5)
    assert span is not None
    assert span[0] == pytest.approx(total, rel=0.05, abs=0.05)
    assert span[1] == pytest.approx(weight, rel=0.05)
