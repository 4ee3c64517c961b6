"""Calibration error as in the literature."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation.calibration_bins import BINS, calibration_bins, expected_calibration_error

SCORED = st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=80)


@pytest.mark.property
@given(SCORED)
def test_ece_is_that_of_guo_et_al(scored: list[tuple[float, bool]]) -> None:
    """Our calibration could not be compared with anybody's."""
    confidence = np.array([score for score, _ in scored])
    right = np.array([it for _, it in scored])
    expected = 0.0
    edges = np.linspace(0, 1, BINS + 1)
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if low == 0.0:
            inside |= confidence == 0.0
        if inside.any():
            gap = abs(right[inside].mean() - confidence[inside].mean())
            expected += inside.mean() * gap
    assert expected_calibration_error(calibration_bins(confidence, right)) == pytest.approx(
        expected
    )


def test_there_are_fifteen_bins_and_every_guess_is_in_one() -> None:
    """Guesses on an edge, such as the null model's certainty, would be lost."""
    confidence = np.linspace(0.0, 1.0, BINS + 1)
    found = calibration_bins(confidence, confidence > 0.5)
    assert [it.rows for it in found] == [2, *[1] * 14]
    assert (found[0].low, found[-1].high) == (0.0, 1.0)


def test_a_model_that_is_as_sure_as_it_is_right_has_no_error() -> None:
    """A well calibrated model would be recalibrated for the worse."""
    confidence = np.array([0.75] * 4 + [1.0] * 4)
    assert (
        expected_calibration_error(
            calibration_bins(confidence, np.array([True] * 3 + [False] + [True] * 4))
        )
        == 0.0
    )
    assert expected_calibration_error(
        calibration_bins(confidence, np.zeros(8, dtype=bool))
    ) == pytest.approx(0.875)


def test_of_an_empty_bin_nothing_is_said() -> None:
    """It would be drawn as a bin in which the model is always wrong."""
    found = calibration_bins(np.array([0.99]), np.array([True]))
    assert {(it.confidence, it.accuracy) for it in found[:-1]} == {(None, None)}
    assert found[-1].accuracy == 1.0
