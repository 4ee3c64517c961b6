"""Calibration: whether a model that is 80 % sure is right four times in five."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

BINS: Final = 15
"""The number in Guo et al. 2017, On Calibration of Modern Neural Networks, section 5."""


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Guesses with a score in ``(low, high]``; a score of 0 is in the first bin.

    Attributes:
        rows: number of guesses.
        confidence: their mean score; None if there is no guess.
        accuracy: the share of them that is right; None if there is no guess.
    """

    low: float
    high: float
    rows: int
    confidence: float | None
    accuracy: float | None


def calibration_bins(
    confidence: NDArray[np.float64], is_right: NDArray[np.bool_]
) -> list[CalibrationBin]:
    """Return guesses in `BINS` bins of equal width by the score of the guessed label."""
    edges = np.linspace(0.0, 1.0, BINS + 1)
    indices = np.clip(np.digitize(confidence, edges, right=True) - 1, 0, BINS - 1)

    bins: list[CalibrationBin] = []
    for index, (low, high) in enumerate(pairwise(edges)):
        scores, right = confidence[indices == index], is_right[indices == index]
        mean_score = float(scores.mean()) if len(right) else None
        accuracy = float(right.mean()) if len(right) else None
        bins.append(CalibrationBin(float(low), float(high), len(right), mean_score, accuracy))
    return bins


def expected_calibration_error(bins: Sequence[CalibrationBin]) -> float:
    """Return the mean over guesses of their bin's |accuracy - confidence|.

    >>> half_right = CalibrationBin(0.0, 0.5, rows=3, confidence=0.25, accuracy=0.5)
    >>> all_right = CalibrationBin(0.5, 1.0, rows=1, confidence=0.75, accuracy=1.0)
    >>> expected_calibration_error([half_right, all_right])
    0.25
    """
    gaps = [
        (score_bin.rows, abs((score_bin.accuracy or 0.0) - (score_bin.confidence or 0.0)))
        for score_bin in bins
    ]
    return sum(rows * gap for rows, gap in gaps) / sum(rows for rows, _ in gaps)
