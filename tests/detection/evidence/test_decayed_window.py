"""The last day of a subject."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.bins import Bin, QuietSpan
from detection.evidence.decayed_window import CALM_EFFECT, HALF_LIFE_BINS, DecayedWindow
from detection.expected.volume_model import Expected, Prior

NUMBERS = st.floats(0.0, 1e4)
WINDOWS = st.builds(DecayedWindow, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)


def a_bin(volume: float, negative: float, baseline: float = 1.0, share: float = 0.3) -> Bin:
    """Return a bin with this news and this baseline."""
    return Bin(0, volume, negative, baseline, share, baseline, share, weight_ratio=0.8)


def span(bins: int, baseline: float = 1.0, share: float = 0.3) -> QuietSpan:
    """Return a span without news."""
    return QuietSpan(bins, 1.0, Prior(1.0, 1.0), Expected(baseline, 1.0, 1.0), share, 0.8)


def test_a_bin_counts_half_after_a_half_life() -> None:
    """A surge would be over earlier or later than documented."""
    window = DecayedWindow()
    window.add(a_bin(8.0, 4.0))
    later = window.skipped(span(int(HALF_LIFE_BINS), baseline=0.0))
    assert later.volume == pytest.approx(4.0)
    assert later.negative == pytest.approx(2.0)
    assert later.baseline_negative == pytest.approx(0.15)


@pytest.mark.property
@given(window=WINDOWS, bins=st.integers(1, 100))
def test_bins_without_news_at_once_are_as_bins_one_by_one(window: DecayedWindow, bins: int) -> None:
    """A subject's evidence would depend on how often others had news meanwhile."""
    skipped = window.skipped(span(bins))
    for _ in range(bins):
        window.add(a_bin(0.0, 0.0))
    for name in DecayedWindow.__slots__:
        assert getattr(skipped, name) == pytest.approx(getattr(window, name), rel=1e-6, abs=1e-9)


def test_the_effect_adds_one_story_so_that_two_stories_are_not_a_crisis() -> None:
    """Two bad headlines about an unknown company would be a critical surge."""
    assert DecayedWindow(negative=2.0).effect == 3.0
    assert DecayedWindow().effect == 1.0 < CALM_EFFECT


def test_a_rebaselined_window_is_calm_at_the_new_level() -> None:
    """After a rebaseline the old baseline would keep the alert firing."""
    window = DecayedWindow(80.0, 40.0, 10.0, 3.0, 1.5)
    rebaselined = window.rebaselined(8.0, 0.5)
    assert rebaselined.baseline == 80.0
    assert rebaselined.baseline_negative == 40.0
    assert rebaselined.effect == pytest.approx(1.0)
    assert rebaselined.chance == pytest.approx(20.0)
    assert window.baseline == 10.0


def test_a_rebaseline_never_lowers_what_is_expected() -> None:
    """An alert that fades would make ordinary news a surge."""
    window = DecayedWindow(5.0, 0.5, 10.0, 3.0, 1.5)
    assert window.rebaselined(1.0, 0.1).baseline_negative == 3.0
    assert DecayedWindow(5.0, 0.5).rebaselined(1.0, 0.1).baseline_negative == 0.0


@pytest.mark.property
@given(window=WINDOWS, factor=st.floats(1.0, 50.0), share=st.floats(0.0, 1.0))
def test_a_rebaseline_never_raises_the_effect(
    window: DecayedWindow, factor: float, share: float
) -> None:
    """An alert that lasts would fire for ever, because its effect grew."""
    after = window.rebaselined(factor, share)
    assert after.effect <= window.effect
    assert (after.volume, after.negative) == (window.volume, window.negative)


@pytest.mark.property
@given(window=WINDOWS, part=WINDOWS)
def test_a_window_without_a_part_is_never_negative(
    window: DecayedWindow, part: DecayedWindow
) -> None:
    """The market without its strongest subject would have a negative variance."""
    rest = window.without(part)
    assert all(getattr(rest, name) >= 0.0 for name in DecayedWindow.__slots__)
    assert window.without(DecayedWindow()) == window


@pytest.mark.property
@given(window=WINDOWS)
def test_the_surplus_is_what_exceeds_the_baseline(window: DecayedWindow) -> None:
    """A subject with less news than usual would be named as a member of a move."""
    assert window.surplus == max(window.negative - window.baseline_negative, 0.0)


def test_the_market_follows_the_baseline_of_a_subject() -> None:
    """A company whose new level is normal would still look like a move of the market."""
    before, after = DecayedWindow(0, 0, 2.0, 0.5, 0.2), DecayedWindow(0, 0, 9.0, 3.5, 1.4)
    market = DecayedWindow(50.0, 20.0, 40.0, 10.0, 5.0)
    market.expect_change(before, after)
    assert (market.baseline, market.baseline_negative) == (47.0, 13.0)
    assert market.chance == pytest.approx(6.2)
    assert (market.volume, market.negative) == (50.0, 20.0)
