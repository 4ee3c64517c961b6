"""What the detector learns from all subjects together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.expected.population_priors import (
    FeedTotals,
    PopulationPriors,
    WeightRatio,
    volume_factor,
)
from detection.expected.volume_model import Expected


def test_priors_survive_their_bytes() -> None:
    """After a restart all subjects would be judged by other priors."""
    priors = PopulationPriors(totals=FeedTotals(1.5, 2, 3, 4.5, 6, 7))
    priors.window_dispersion.learn(3.0, 2.0)
    priors.weight_ratio.learn(5.0, 4.0)
    priors.tail.add_peak(3.0)
    priors.fdr.next_level()
    priors.profile.learn(5, 2.0, 1.0)
    restored = PopulationPriors.from_bytes(priors.to_bytes())
    assert restored == priors
    assert isinstance(restored.totals.subjects, int)


def test_half_negative_stories_vary_less_than_clear_ones() -> None:
    """Ten lukewarm headlines would be as uncertain as ten that are either bad or good."""
    clear, half = WeightRatio(), WeightRatio()
    for _ in range(100):
        clear.learn(10.0, 10.0)
        half.learn(10.0, 5.0)
    assert clear.estimate == pytest.approx(1.0)
    assert half.estimate == pytest.approx(0.5, abs=0.02)


@pytest.mark.property
@given(
    others=st.floats(0.1, 100),
    observed=st.floats(0, 1000),
    own=st.floats(0.0, 10),
    size=st.floats(0.1, 100),
)
def test_the_market_raises_what_is_expected_by_no_more_than_it_has_risen(
    others: float, observed: float, own: float, size: float
) -> None:
    """A busy hour would hide surges, or a quiet one create them."""
    market = Expected(others + own, size, 1.0)
    factor = volume_factor(market, observed + own, Expected(own, 1.0, 1.0), own)
    assert 1.0 <= factor <= max(1.0, observed / others) * (1 + 1e-9)


def test_a_small_market_hardly_moves_anybody() -> None:
    """One busy neighbour would hide a company's surge."""
    large = volume_factor(Expected(101.0, 50.0, 1.0), 301.0, Expected(1.0, 1.0, 1.0), 1.0)
    small = volume_factor(Expected(2.0, 50.0, 1.0), 4.0, Expected(1.0, 1.0, 1.0), 1.0)
    assert small < 1.1
    assert large > 2.0
