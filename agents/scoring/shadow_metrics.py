"""Measure how far the shadow model disagrees with the model."""

from collections.abc import Iterable, Iterator

from nlp.classifier import Scores, ShadowScores
from nlp.tasks import carried_topics
from schemas.metrics import processing as metrics
from schemas.metrics.processing import Sample


def shadow_samples(batch: Iterable[Scores]) -> Iterator[Sample]:
    """Yield counts of articles on which the two models differ; nothing if none has both scores."""
    pairs = [(scores, scores.shadow) for scores in batch if scores.shadow is not None]
    if not pairs:
        return
    sentiments = sum(_likeliest(scores) != _likeliest(shadow) for scores, shadow in pairs)
    topics = sum(
        set(carried_topics(scores)) != set(carried_topics(shadow)) for scores, shadow in pairs
    )
    difference = sum(abs(scores.negative - shadow.negative) for scores, shadow in pairs)
    yield Sample(metrics.SHADOW_COMPARED, len(pairs))
    yield Sample(metrics.SHADOW_DISAGREEMENTS, sentiments, ("sentiment",))
    yield Sample(metrics.SHADOW_DISAGREEMENTS, topics, ("topic",))
    yield Sample(metrics.SHADOW_DIFFERENCE, difference)


def _likeliest(scores: Scores | ShadowScores) -> int:
    sentiment = (scores.negative, scores.neutral, scores.positive)
    return sentiment.index(max(sentiment))
