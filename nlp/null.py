"""A model without an opinion: it measures the pipeline alone, and lets it run without a model."""

from collections.abc import Sequence

from nlp.classifier import Scores

NEUTRAL = Scores(negative=0.0, neutral=1.0, positive=0.0, topics={})


class NullClassifier:
    """A classifier that calls every text neutral and of no topic."""

    model_id = "null"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Return the neutral scores for each text; never fails."""
        return [NEUTRAL] * len(texts)
