"""How far two models agree about the same texts, counted."""

from dataclasses import dataclass

from nlp.carried import carried_topics
from nlp.classifier import Scores
from nlp.tasks import SENTIMENTS


@dataclass(slots=True)
class ShadowAgreement:
    """Counts since the start, which only grow: rates and shares are for the reader to take.

    One thread counts; others may read meanwhile, each number by itself.
    """

    texts: int = 0
    """Texts that both models scored."""
    unscored: int = 0
    """Texts that the model in the shadow failed on."""
    equal_labels: int = 0
    """Texts for which both find the same sentiment likeliest."""
    equal_topics: int = 0
    """Texts which to both carry the same topics."""
    difference: float = 0.0
    """Sum over the texts of the mean absolute difference of the three probabilities."""

    def count(self, first: Scores, second: Scores) -> None:
        """Compare what the models say of one text."""
        self.texts += 1
        self.equal_labels += _likeliest(first) == _likeliest(second)
        self.equal_topics += set(carried_topics(first)) == set(carried_topics(second))
        pairs = zip(_shares(first), _shares(second), strict=True)
        self.difference += sum(abs(one - other) for one, other in pairs) / len(SENTIMENTS)

    def summary(self) -> dict[str, int | float]:
        """The counts, and as shares of ``texts`` what a person wants to see.

        >>> one = ShadowAgreement()
        >>> one.count(Scores(0.5, 0.25, 0.25, {}), Scores(0.25, 0.5, 0.25, {}))
        >>> one.summary()["equal_labels"], one.summary()["equal_topics"]
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


def _likeliest(scores: Scores) -> str:
    return max(zip(_shares(scores), SENTIMENTS, strict=True))[1]


def _shares(scores: Scores) -> tuple[float, float, float]:
    return scores[:3]
