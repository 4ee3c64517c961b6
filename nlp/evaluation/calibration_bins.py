"""Calibration: whether a model that is 80 % sure is right four times in five."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

BINS: Final = 15
"""As in Guo et al. 2017, On Calibration of Modern Neural Networks, section 5."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Guesses whose score is in ``(low, high]``: their mean score, and the share that is right.

    The first bin has 0 too. Of an empty bin nothing is known.
    """

    low: float
    high: float
    rows: int
    confidence: float | None
    accuracy: float | None


def bins(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> list[Bin]:
    """Guesses in `BINS` bins of equal width by the score of the guessed label."""
    edges = np.linspace(0.0, 1.0, BINS + 1)
    places = np.clip(np.digitize(confidence, edges, right=True) - 1, 0, BINS - 1)
    return [
        _bin(low, high, confidence[places == place], right[places == place])
        for place, (low, high) in enumerate(pairwise(edges))
    ]


def ece(found: Sequence[Bin]) -> float:
    """Expected calibration error: mean over guesses of their bin's |accuracy - confidence|.

    >>> ece([Bin(0.0, 0.5, 3, 0.25, 0.5), Bin(0.5, 1.0, 1, 0.75, 1.0)])
    0.25
    """
    gaps = [(it.rows, abs((it.accuracy or 0.0) - (it.confidence or 0.0))) for it in found]
    return sum(rows * gap for rows, gap in gaps) / sum(rows for rows, _ in gaps)


def _bin(low: float, high: float, confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Bin:
    if not len(right):
        return Bin(float(low), float(high), 0, None, None)
    mean, share = float(confidence.mean()), float(right.mean())
    return Bin(float(low), float(high), len(right), mean, share)
