"""The evidence of a surge of negative news."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evidence.likelihood_ratio import SHARE_CONCENTRATION, log_likelihood_ratio
from detection.expected.market_adjustment import AdjustedWindow

CALM = AdjustedWindow(20.0, 6.0, expected=6.0, chance=3.0, share=0.3, baseline_share=0.3)
SIZES = st.floats(0.01, 1e4)
SHARES = st.floats(0.01, 0.99)


@pytest.mark.parametrize("field", ["volume", "negative", "expected"])
def test_without_news_or_expectation_there_is_no_evidence(field: str) -> None:
    """An empty window would divide by zero, or alert."""
    assert log_likelihood_ratio(CALM._replace(**{field: 0.0}), 0.5) == 0.0


def test_news_as_expected_is_no_evidence() -> None:
    """Ordinary days would add up to an alert."""
    assert log_likelihood_ratio(CALM, 0.5) == 0.0


def test_more_news_with_the_usual_share_is_evidence() -> None:
    """A company that is suddenly in all papers would be missed."""
    busy = CALM._replace(volume=100.0, negative=30.0)
    assert log_likelihood_ratio(busy, 0.5) > 1.0


def test_as_much_news_that_is_darker_is_evidence() -> None:
    """A company whose news turns bad without becoming more would be missed."""
    dark = CALM._replace(negative=18.0)
    assert log_likelihood_ratio(dark, 0.5) > log_likelihood_ratio(
        CALM._replace(volume=60.0, negative=18.0), 0.5
    )


def test_a_flood_of_good_news_is_no_surge() -> None:
    """A successful product launch would raise an alert."""
    praised = CALM._replace(volume=200.0, negative=20.0)
    assert log_likelihood_ratio(praised, 0.5) == 0.0


def test_news_as_dark_as_the_market_counts_by_its_volume_alone() -> None:
    """On a dark day everybody's ordinary news would be evidence, or none at all."""
    dark_market = CALM._replace(volume=60.0, negative=30.0, share=0.5)
    same_volume = dark_market._replace(share=0.5, baseline_share=0.5)
    assert log_likelihood_ratio(dark_market, 0.5) == log_likelihood_ratio(same_volume, 0.5) > 0.0


def test_many_stories_of_one_share_count_for_a_limited_number() -> None:
    """A large company would alert on each day whose share differs by a little."""
    slightly_dark = [
        AdjustedWindow(size, 0.36 * size, 0.36 * size, 1.0, 0.3, 0.3) for size in (10.0, 1e6)
    ]
    small, large = (log_likelihood_ratio(window, 0.5) for window in slightly_dark)
    assert small < large < 2.0 * (SHARE_CONCENTRATION + 1.0) * 0.01


@pytest.mark.property
@given(volume=SIZES, share=SHARES, expected=SIZES, dispersion=st.floats(0.02, 10.0))
def test_a_wilder_subject_needs_more_news(
    volume: float, share: float, expected: float, dispersion: float
) -> None:
    """A subject with bursts of news would alarm as easily as a steady one."""
    window = AdjustedWindow(volume, volume * share, expected, expected, 0.3, 0.3)
    assert log_likelihood_ratio(window, 2.0 * dispersion) <= log_likelihood_ratio(
        window, dispersion
    )


@pytest.mark.property
@given(volume=SIZES, share=SHARES, darker=SHARES, expected=SIZES)
def test_darker_news_is_never_less_evidence(
    volume: float, share: float, darker: float, expected: float
) -> None:
    """A worse day would be less alarming."""
    low, high = sorted((share, darker))
    windows = [
        AdjustedWindow(volume, volume * each, expected, expected, 0.3, 0.2) for each in (low, high)
    ]
    before, after = (log_likelihood_ratio(window, 0.5) for window in windows)
    assert after >= before - 1e-9
