"""One model for the sentiment and another for the topics."""

from collections.abc import Sequence

from nlp.classifier import Classifier, Scores


class SplitTasks:
    """The scores of ``sentiment``, with the topics of ``topics`` in place of its own."""

    def __init__(self, sentiment: Classifier, topics: Classifier) -> None:
        self._sentiment = sentiment
        self._topics = topics
        self.model_id = f"{sentiment.model_id};topics={topics.model_id}"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text with both models. A text that one of them refuses is refused."""
        sentiments = self._sentiment.classify(texts)
        topics = self._topics.classify(texts)
        return [
            scores._replace(topics=other.topics, about=other.about)
            for scores, other in zip(sentiments, topics, strict=True)
        ]
