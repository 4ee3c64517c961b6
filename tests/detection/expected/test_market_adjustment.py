"""Adjustment of what is expected for a move of the whole market."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evidence.decayed_window import DecayedWindow
from detection.expected.market_adjustment import (
    MARKET_NOISE,
    NO_MARKET,
    adjust_for_market,
    log_odds_shift,
)
from detection.expected.negative_share import (
    MAX_SHARE,
    MIN_SHARE,
    clamp,
    divergence,
    shift_log_odds,
)

OWN = DecayedWindow(4.0, 2.0, 2.0, 0.6, 0.3)
SHARES = st.floats(0.001, 0.999)


def others(volume: float, negative: float) -> DecayedWindow:
    """Return the other subjects with so many times their normal news."""
    return DecayedWindow(100.0 * volume, 30.0 * negative, 100.0, 30.0, 15.0)


def factors(window: DecayedWindow, others: DecayedWindow) -> tuple[float, float]:
    """Return the factor of the expectation, and what is added to the expected share."""
    adjusted = adjust_for_market(window, others)
    return adjusted.expected / window.baseline_negative, adjusted.share - adjusted.baseline_share


def test_a_normal_market_changes_nothing() -> None:
    """Every subject would be judged by the noise of the others."""
    for times in (0.5, 0.9, 1.0, 1.1):
        assert factors(OWN, others(times, times)) == (1.0, 0.0)


def test_a_market_with_more_bad_news_expects_more_of_each() -> None:
    """A bad day everywhere would alert on everybody."""
    factor, darker = factors(OWN, others(3.0, 3.0))
    assert 2.0 < factor < 3.0
    assert darker == 0.0
    factor, darker = factors(OWN, others(1.0, 2.0))
    assert 1.4 < factor < 2.0
    assert 0.1 < darker < 0.3


def test_a_small_market_hardly_moves_anybody() -> None:
    """Two bad headlines of a neighbour would hide a company's surge."""
    tiny = DecayedWindow(2.0, 2.0, 1.0, 0.3, 0.1)
    factor, darker = factors(OWN, tiny)
    assert factor <= 1.2
    assert darker <= 0.05


def test_without_a_market_the_own_past_decides() -> None:
    """The only subject of a feed would never alert, or divide by zero."""
    adjusted = adjust_for_market(OWN, NO_MARKET)
    assert adjusted.expected == OWN.baseline_negative
    assert adjusted.share == adjusted.baseline_share == pytest.approx(0.3)
    assert adjust_for_market(DecayedWindow(), NO_MARKET).share == 0.0


@pytest.mark.property
@given(volume=st.floats(0.0, 20.0), share=st.floats(0.0, 1.0))
def test_a_market_never_lowers_what_is_expected(volume: float, share: float) -> None:
    """In a calm week ordinary news of one company would be a surge."""
    window = DecayedWindow(100.0 * volume, 100.0 * volume * share, 100.0, 30.0, 15.0)
    adjusted, alone = adjust_for_market(OWN, window), adjust_for_market(OWN, NO_MARKET)
    assert adjusted.expected >= alone.expected
    assert adjusted.share >= alone.share - 1e-12
    assert adjusted.chance >= alone.chance


@pytest.mark.property
@given(negative=st.floats(0.0, 100.0), more=st.floats(0.0, 100.0), share=SHARES)
def test_more_bad_news_never_lowers_the_shift(negative: float, more: float, share: float) -> None:
    """A darker market would expect lighter news."""
    volume = 200.0
    first = log_odds_shift(negative, volume, share)
    assert log_odds_shift(negative + more, volume, share) >= first >= 0.0
    assert MARKET_NOISE > 0.0


@pytest.mark.property
@given(share=SHARES, shift=st.floats(-5, 5))
def test_a_shift_can_be_undone_and_stays_a_share(share: float, shift: float) -> None:
    """A share could leave the range from 0 to 1, and its logarithm fail."""
    shifted = shift_log_odds(share, shift)
    assert 0.0 < shifted < 1.0
    assert shift_log_odds(shifted, -shift) == pytest.approx(share, rel=1e-6)


@pytest.mark.property
@given(share=SHARES, expected=SHARES)
def test_the_divergence_is_0_only_for_equal_shares(share: float, expected: float) -> None:
    """News that is as dark as expected would be evidence, or darker news none."""
    value = divergence(share, expected)
    assert value >= -1e-12
    assert (value < 1e-9) == (abs(clamp(share) - clamp(expected)) < 1e-4) or value < 1e-6
    assert MIN_SHARE <= clamp(share) <= MAX_SHARE
