"""The model that sees nothing: measures the pipeline alone, and lets it run without a model."""

from collections.abc import Sequence

from nlp.classifier import Scores

NEUTRAL = Scores(negative=0.0, neutral=1.0, positive=0.0, topics={})


class NullClassifier:
    """Calls every text neutral and of no topic."""

    model_id = "null"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify`; never fails."""
        return [NEUTRAL] * len(texts)
