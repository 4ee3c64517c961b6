"""What the seismograph shows of one subject at the end of one bin."""

from datetime import datetime
from typing import NamedTuple


class TracePoint(NamedTuple):
    """Observed next to expected, and how far the statistic is from an alert.

    ``volume`` counts stories, weighted by relevance; ``negative_share`` is theirs. ``statistic``
    and ``threshold`` are natural logarithms of evidence: at the threshold an alert begins.
    """

    subject: str
    at: datetime
    volume: float
    expected_volume: float
    negative_share: float
    expected_share: float
    statistic: float
    threshold: float
