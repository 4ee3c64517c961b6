"""One point of the seismograph: a subject at the end of a bin."""

from datetime import datetime
from typing import NamedTuple

from detection.bin_close import BinResult


class TracePoint(NamedTuple):
    """The observed and the expected news of a bin, and the evidence next to its threshold.

    Attributes:
        subject: name of the subject.
        at: end of the bin.
        volume: number of stories, weighted by relevance.
        expected_volume: expected value of the same.
        negative_share: share of the volume that is negative.
        expected_share: expected value of the same.
        statistic: evidence of a surge, a natural log likelihood ratio.
        threshold: evidence at which an alert begins.
    """

    subject: str
    at: datetime
    volume: float
    expected_volume: float
    negative_share: float
    expected_share: float
    statistic: float
    threshold: float


def trace_point(result: BinResult, at: datetime) -> TracePoint:
    """Return the point of a bin that has ended at ``at``."""
    current = result.bin
    return TracePoint(
        subject=result.subject.name,
        at=at,
        volume=current.volume,
        expected_volume=current.expected,
        negative_share=current.negative / current.volume if current.volume else 0.0,
        expected_share=current.share,
        statistic=result.evidence,
        threshold=result.threshold,
    )
