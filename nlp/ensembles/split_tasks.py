"""One model for the sentiment and another for the topics."""

from collections.abc import Sequence

from nlp.classifier import Classifier, Scores


class SplitTasks:
    """What ``sentiment`` says of a text, with the topics that ``topics`` finds in it."""

    def __init__(self, sentiment: Classifier, topics: Classifier) -> None:
        self._sentiment = sentiment
        self._topics = topics
        self.model_id = f"{sentiment.model_id};topics={topics.model_id}"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify`."""
        pairs = zip(self._sentiment.classify(texts), self._topics.classify(texts), strict=True)
        return [one._replace(topics=other.topics, about=other.about) for one, other in pairs]
