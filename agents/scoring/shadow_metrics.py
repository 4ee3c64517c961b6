"""How far the model in the shadow disagrees, over the articles of one batch."""

from collections.abc import Iterator
from dataclasses import dataclass

from nlp.classifier import Scores, ShadowScores
from nlp.tasks import carried_topics
from schemas import metrics
from schemas.metrics import Sample


@dataclass(slots=True)
class ShadowComparison:
    """Counts of articles; those without a second opinion are none of them."""

    compared: int = 0
    sentiments: int = 0
    topics: int = 0
    difference: float = 0.0

    def add(self, scores: Scores) -> None:
        """Compare what the two models say of one article."""
        second = scores.shadow
        if second is None:
            return
        self.compared += 1
        self.sentiments += _likeliest(scores) != _likeliest(second)
        self.topics += set(carried_topics(scores)) != set(carried_topics(second))
        self.difference += abs(scores.negative - second.negative)

    def facts(self) -> Iterator[Sample]:
        """What is to be counted; nothing where nothing was compared."""
        if not self.compared:
            return
        yield Sample(metrics.SHADOW_COMPARED, self.compared)
        yield Sample(metrics.SHADOW_DISAGREEMENTS, self.sentiments, ("sentiment",))
        yield Sample(metrics.SHADOW_DISAGREEMENTS, self.topics, ("topic",))
        yield Sample(metrics.SHADOW_DIFFERENCE, self.difference)


def _likeliest(scores: Scores | ShadowScores) -> int:
    three = (scores.negative, scores.neutral, scores.positive)
    return three.index(max(three))
