"""The forecast of a subject's number of stories."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.expected.volume_model import (
    FIRST_DISPERSION,
    MIN_MEAN,
    Expected,
    Prior,
    VolumeModel,
    excess_variance,
)

PRIOR = Prior(level=1.0, bins=1.0)


def learnt(counts: list[float], season: float = 1.0) -> VolumeModel:
    """Return the model after bins with these counts."""
    model = VolumeModel()
    for count in counts:
        expected = model.expect(PRIOR, season, FIRST_DISPERSION)
        model.learn(count, season, expected, pace=1.0)
    return model


def test_a_new_subject_is_expected_to_be_like_the_others() -> None:
    """The first headline of a company would be a surge, or its first surge be missed."""
    expected = VolumeModel().expect(Prior(0.3, 2.0), 1.0, FIRST_DISPERSION)
    assert expected.mean == pytest.approx(0.3)
    busy_hour = VolumeModel().expect(Prior(0.3, 2.0), 3.0, FIRST_DISPERSION)
    assert busy_hour.mean == pytest.approx(0.9)


def test_the_own_past_outweighs_the_prior() -> None:
    """A busy company would be held to the level of a quiet one for ever."""
    expected = learnt([6.0] * 200).expect(PRIOR, 1.0, FIRST_DISPERSION)
    assert expected.mean == pytest.approx(6.0, rel=0.05)


def test_the_season_is_taken_out_of_what_is_learnt() -> None:
    """What came in busy hours would be expected at night as well."""
    expected = learnt([6.0] * 200, season=3.0).expect(PRIOR, 1.0, FIRST_DISPERSION)
    assert expected.mean == pytest.approx(2.0, rel=0.05)


def test_a_wild_subject_has_a_wider_forecast() -> None:
    """A company whose news always comes in bursts would alarm at each burst."""
    steady = learnt([4.0] * 400).expect(PRIOR, 1.0, FIRST_DISPERSION)
    wild = learnt([0.0, 8.0] * 200).expect(PRIOR, 1.0, FIRST_DISPERSION)
    assert wild.mean == pytest.approx(steady.mean, rel=0.05)
    assert wild.size < steady.size / 3


def test_the_forecast_of_a_subject_that_never_had_news_is_positive() -> None:
    """A silent subject would end in a division by zero at its first signal."""
    expected = learnt([0.0] * 5000).expect(Prior(0.0, 1.0), 0.0, FIRST_DISPERSION)
    assert expected.mean == MIN_MEAN
    assert expected.size > 0.0


@pytest.mark.property
@given(count=st.floats(0, 1e4), mean=st.floats(1e-3, 1e3), shape=st.floats(1e-2, 1e4))
def test_a_count_as_wild_as_expected_has_no_excess(count: float, mean: float, shape: float) -> None:
    """Dispersion would be learnt from counts that are as random as a fair process."""
    expected = Expected(mean, 1.0, shape)
    excess, weight = excess_variance(count, expected)
    fair = mean + mean * mean / shape
    assert (excess > 0.0) == ((count - mean) ** 2 > fair) or excess == pytest.approx(0, abs=1e-6)
    assert 0.0 < weight < 1.0


@pytest.mark.property
@given(bins=st.integers(1, 200))
def test_empty_bins_at_once_are_as_empty_bins_one_by_one(bins: int) -> None:
    """A subject's level would depend on how often others had news meanwhile."""
    stepped, skipped = learnt([2.0] * 100), learnt([2.0] * 100)
    for _ in range(bins):
        stepped.learn(0.0, 1.0, stepped.expect(PRIOR, 1.0, FIRST_DISPERSION), pace=1.0)
    skipped.skip_empty_bins(bins, 1.0, PRIOR)
    assert skipped.rate.total == pytest.approx(stepped.rate.total)
    assert skipped.rate.weight == pytest.approx(stepped.rate.weight)
    # The excess of the empty bins is approximated by that of the mean level.
    before, after = (
        model.expect(PRIOR, 1.0, FIRST_DISPERSION).size for model in (stepped, skipped)
    )
    assert after == pytest.approx(before, rel=0.2)


def test_independent_counts_get_a_forecast_close_to_poisson() -> None:
    """A surge of a steady company would be taken for chance."""
    dice = Random(1)
    counts = [float(sum(dice.random() < 0.1 for _ in range(50))) for _ in range(2000)]
    expected = learnt(counts).expect(PRIOR, 1.0, FIRST_DISPERSION)
    variance = expected.mean + expected.mean**2 / expected.size
    assert variance < 2 * expected.mean
