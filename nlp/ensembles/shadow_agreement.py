"""Counts of the texts on which two models agree."""

from dataclasses import dataclass

from nlp.classifier import Scores
from nlp.tasks import SENTIMENTS, carried_topics


@dataclass(slots=True)
class ShadowAgreement:
    """Counts since the start, which only grow.

    One thread counts; other threads may read each number meanwhile.

    Attributes:
        texts: texts that both models scored.
        unscored: texts that the shadow model failed on.
        equal_labels: texts for which both models have the same most probable sentiment.
        equal_topics: texts that carry the same topics by both models.
        difference: sum over the texts of the mean absolute difference of the three probabilities.
    """

    texts: int = 0
    unscored: int = 0
    equal_labels: int = 0
    equal_topics: int = 0
    difference: float = 0.0

    def count(self, first: Scores, second: Scores) -> None:
        """Compare the two models' scores of one text."""
        self.texts += 1
        self.equal_labels += _most_probable(first) == _most_probable(second)
        self.equal_topics += set(carried_topics(first)) == set(carried_topics(second))
        pairs = zip(first[:3], second[:3], strict=True)
        self.difference += sum(abs(a - b) for a, b in pairs) / len(SENTIMENTS)

    def summary(self) -> dict[str, int | float]:
        """Return the counts of texts, and the agreement as shares of ``texts``.

        >>> agreement = ShadowAgreement()
        >>> agreement.count(Scores(0.5, 0.25, 0.25, {}), Scores(0.25, 0.5, 0.25, {}))
        >>> agreement.summary()["equal_labels"], agreement.summary()["equal_topics"]
        (0.0, 1.0)
        """
        texts = max(self.texts, 1)
        return {
            "texts": self.texts,
            "unscored": self.unscored,
            "equal_labels": round(self.equal_labels / texts, 4),
            "equal_topics": round(self.equal_topics / texts, 4),
            "mean_difference": round(self.difference / texts, 4),
        }


def _most_probable(scores: Scores) -> str:
    return max(zip(scores[:3], SENTIMENTS, strict=True))[1]
