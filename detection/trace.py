"""One point of the seismograph: a subject at the end of a bin."""

from datetime import datetime
from typing import NamedTuple


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
