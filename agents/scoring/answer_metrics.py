"""Metrics of what the model says: shares of sentiments and topics, confidence, and drift."""

from collections.abc import Iterable, Iterator

from nlp.classifier import Scores
from nlp.drift.distributions import Distributions
from nlp.drift.window import DriftWindow
from schemas.metrics.condition import CONFIDENCES, DRIFT, SENTIMENTS, TOPICS
from schemas.metrics.processing import Sample


def answer_samples(answers: Iterable[Scores], drift: DriftWindow | None) -> Iterator[Sample]:
    """Yield the counts of answers by class, and the drift when it was computed anew."""
    counted = Distributions.of(answers)
    tables = (
        (SENTIMENTS, counted.sentiment),
        (TOPICS, counted.topic),
        (CONFIDENCES, counted.confidence),
    )
    for metric, counts in tables:
        for name, count in counts.items():
            yield Sample(metric, count, (name,))
    if drift is not None and counted.articles:
        for name, index in drift.add(counted).items():
            yield Sample(DRIFT, index, (name,))
