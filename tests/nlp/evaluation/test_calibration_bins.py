"""Calibration bins and the expected calibration error, as in the literature."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation.calibration_bins import BINS, calibration_bins, expected_calibration_error

SCORED = st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=80)


@pytest.mark.property
@given(SCORED)
def test_the_error_is_that_of_guo_et_al(scored: list[tuple[float, bool]]) -> None:
    """Our calibration could not be compared with anybody's."""
    confidence = np.array([score for score, _ in scored])
    is_right = np.array([right for _, right in scored])
    expected = 0.0
    edges = np.linspace(0, 1, BINS + 1)
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if low == 0.0:
            inside |= confidence == 0.0
        if inside.any():
            gap = abs(is_right[inside].mean() - confidence[inside].mean())
            expected += inside.mean() * gap
    bins = calibration_bins(confidence, is_right)
    assert expected_calibration_error(bins) == pytest.approx(expected)


def test_there_are_fifteen_bins_and_every_guess_is_in_one() -> None:
    """Guesses on an edge, such as the null model's certainty, would be lost."""
    confidence = np.linspace(0.0, 1.0, BINS + 1)
    bins = calibration_bins(confidence, confidence > 0.5)
    assert [score_bin.rows for score_bin in bins] == [2, *[1] * 14]
    assert (bins[0].low, bins[-1].high) == (0.0, 1.0)


def test_a_model_that_is_as_sure_as_it_is_right_has_no_error() -> None:
    """A well calibrated model would be recalibrated for the worse."""
    confidence = np.array([0.75] * 4 + [1.0] * 4)
    fitting = calibration_bins(confidence, np.array([True] * 3 + [False] + [True] * 4))
    always_wrong = calibration_bins(confidence, np.zeros(8, dtype=bool))
    assert expected_calibration_error(fitting) == 0.0
    assert expected_calibration_error(always_wrong) == pytest.approx(0.875)


def test_an_empty_bin_has_no_accuracy() -> None:
    """It would be drawn as a bin in which the model is always wrong."""
    bins = calibration_bins(np.array([0.99]), np.array([True]))
    assert {(empty.confidence, empty.accuracy) for empty in bins[:-1]} == {(None, None)}
    assert bins[-1].accuracy == 1.0
