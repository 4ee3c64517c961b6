"""Classifiers made of transformers checkpoints: one for the sentiment, one for the topics."""

from collections.abc import Sequence
from math import isclose, isfinite
from typing import Final

from nlp.checkpoints.labels import sentiment_columns, sum_by_sentiment, topic_names
from nlp.checkpoints.sequence import SequenceModel
from nlp.classifier import Scores, Unclassifiable
from nlp.lexicon.lexicon import Lexicon
from nlp.settings import ModelSettings
from nlp.tasks import DEFAULT_TOPIC_THRESHOLD

_NO_DISTRIBUTION: Final = "the model's answer is not a probability distribution"


class Checkpoint:
    """Sentiment by a checkpoint, and topics by word lists. One thread at a time."""

    def __init__(self, settings: ModelSettings) -> None:
        self._model = SequenceModel(settings)
        self._columns = sentiment_columns(self._model.labels, settings.labels)
        self._lexicon = Lexicon()
        self.model_id = f"{self._model.name}@{self._model.fingerprint}"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text. See `Classifier.classify`."""
        rows = self._model.probabilities(texts)
        sentiments = [sum_by_sentiment(row, self._columns) for row in rows]
        if not all(isclose(sum(sentiment), 1.0, abs_tol=1e-6) for sentiment in sentiments):
            raise Unclassifiable(_NO_DISTRIBUTION)
        topics = [self._lexicon.topics(text) for text in texts]
        return [
            Scores(*sentiment, text_topics, tuple(text_topics))
            for sentiment, text_topics in zip(sentiments, topics, strict=True)
        ]


class TopicCheckpoint:
    """Topics by a checkpoint; every text is neutral. One thread at a time."""

    def __init__(self, settings: ModelSettings) -> None:
        self._model = SequenceModel(settings)
        self._topics = topic_names(self._model.labels, settings.topic_labels)
        self.model_id = f"{self._model.name}@{self._model.fingerprint}"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text. See `Classifier.classify`."""
        return [self._scores(row) for row in self._model.probabilities(texts)]

    def _scores(self, row: Sequence[float]) -> Scores:
        if not all(map(isfinite, row)):
            raise Unclassifiable(_NO_DISTRIBUTION)
        scores: dict[str, float] = {}
        for topic, probability in zip(self._topics, row, strict=True):
            # Several labels may mean one topic. Their probabilities add up if a text has a single
            # label; otherwise the highest counts.
            before = scores.get(topic, 0.0)
            if self._model.multi_label:
                scores[topic] = max(before, probability)
            else:
                scores[topic] = min(before + probability, 1.0)
        scores.pop("", None)
        about = tuple(topic for topic, score in scores.items() if score >= DEFAULT_TOPIC_THRESHOLD)
        return Scores(0.0, 1.0, 0.0, scores, about)
