"""The window of the last half day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.bins import Bin, QuietSpan
from detection.evidence.decayed_window import DecayedWindow
from detection.expected.volume_model import Expected, Prior

pytestmark = pytest.mark.property

AMOUNTS = st.floats(0.0, 1e4)
WINDOWS = st.builds(DecayedWindow, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)


def sums(window: DecayedWindow) -> list[float]:
    """Return the five sums of a window."""
    return [
        window.volume,
        window.negative,
        window.baseline,
        window.baseline_negative,
        window.chance,
    ]


@given(WINDOWS, st.integers(1, 200), st.floats(0.0, 10.0), st.floats(0.01, 0.95))
def test_a_skipped_span_equals_its_empty_bins(
    window: DecayedWindow, bins: int, volume: float, share: float
) -> None:
    """The evidence after a quiet time would depend on how the detector came over it."""
    span = QuietSpan(bins, 1.0, Prior(1.0, 1.0), Expected(volume, 1.0, 1.0), share, 0.7)
    skipped = window.skipped(span)
    for number in range(bins):
        window.add(
            Bin(
                number,
                0.0,
                0.0,
                expected=volume,
                baseline=volume,
                baseline_share=share,
                weight_ratio=0.7,
            )
        )
    assert sums(skipped) == pytest.approx(sums(window), abs=1e-6)


@given(WINDOWS, st.floats(1.0, 50.0), st.floats(0.0, 1.0))
def test_a_rebaseline_never_expects_less(
    window: DecayedWindow, factor: float, share: float
) -> None:
    """An alert that lasts would go on for ever, because its effect grew."""
    after = window.rebaselined(factor, share)
    assert after.effect <= window.effect
    assert (after.volume, after.negative) == (window.volume, window.negative)


@given(WINDOWS, WINDOWS)
def test_what_is_left_without_a_subject_is_never_negative(
    market: DecayedWindow, subject: DecayedWindow
) -> None:
    """The market's evidence without its two strongest subjects would fail on a logarithm."""
    assert min(sums(market.without(subject))) >= 0.0
