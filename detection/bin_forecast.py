"""The forecast of a bin, next to the bin."""

from typing import Final, NamedTuple

from detection.bins import Bin, OpenBin
from detection.expected.negative_share import SHARE_PRIOR_WEIGHT
from detection.expected.volume_model import Expected
from detection.population_context import BinContext
from detection.subject_state import Subject
from schemas.alert import MARKET

MIN_EXPECTED_SHARE: Final = 0.01
MAX_EXPECTED_SHARE: Final = 0.95
"""Bounds of a subject's expected negative share, so that its odds are finite and not 0."""


class BinForecast(NamedTuple):
    """Forecast of a subject's bin, next to what came.

    Attributes:
        subject: the subject, whose open bin it is.
        expected: forecast of the volume in a normal market.
        bin: the observed bin next to what is expected of it.
        clipped: the bin without outliers, to learn from.
    """

    subject: Subject
    expected: Expected
    bin: Bin
    clipped: OpenBin


def forecast_bin(
    subject: Subject, bin_context: BinContext, news: OpenBin | None = None
) -> BinForecast:
    """Forecast the open bin of a subject; it learns from ``news``, if given, instead of the bin."""
    detector = subject.detector
    expected = detector.volume.expect(bin_context.prior, bin_context.season, bin_context.dispersion)
    if subject.name == MARKET:
        share = bin_context.share
    else:
        share = detector.share.shrunk(bin_context.share, SHARE_PRIOR_WEIGHT)
        share = min(max(share, MIN_EXPECTED_SHARE), MAX_EXPECTED_SHARE)
    observed, mean = detector.open, expected.mean
    current = Bin(
        number=bin_context.number,
        volume=observed.volume,
        negative=observed.negative,
        expected=mean,
        share=share,
        baseline=mean,
        baseline_share=share,
        weight_ratio=bin_context.weight_ratio,
        stories=observed.stories,
        signals=observed.signals,
    )
    return BinForecast(subject, expected, current, (news or observed).clipped(expected))
