"""Classifiers made of transformers checkpoints: one for the sentiment, one for the topics."""

from collections.abc import Sequence
from math import isclose, isfinite
from typing import Final

from nlp.carried import FLOOR
from nlp.checkpoints.meanings import topics
from nlp.checkpoints.sentiments import columns, folded
from nlp.checkpoints.sequence import SequenceModel
from nlp.classifier import Scores, Unclassifiable
from nlp.lexicon.lexicon import Lexicon
from nlp.settings import ModelSettings

_CROOKED: Final = "the model's answer is not a probability distribution"


class Checkpoint:
    """Sentiment by a checkpoint; topics by word list, as it knows none. One thread at a time."""

    def __init__(self, settings: ModelSettings) -> None:
        self._model = SequenceModel(settings)
        self._places = columns(dict(enumerate(self._model.labels)), settings.labels)
        self._lexicon = Lexicon()
        self.model_id = f"{self._model.name}@{self._model.fingerprint}"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify`."""
        rows = self._model.probabilities(texts)
        sentiments = [folded(row, self._places) for row in rows]
        if not all(isclose(sum(three), 1.0, abs_tol=1e-6) for three in sentiments):
            raise Unclassifiable(_CROOKED)
        found = [self._lexicon.topics(text) for text in texts]
        pairs = zip(sentiments, found, strict=True)
        return [Scores(*three, of_text, tuple(of_text)) for three, of_text in pairs]


class TopicCheckpoint:
    """Topics by a checkpoint; every text is neutral to it. One thread at a time."""

    def __init__(self, settings: ModelSettings) -> None:
        self._model = SequenceModel(settings)
        self._topics = topics(self._model.labels, settings.topic_labels)
        self.model_id = f"{self._model.name}@{self._model.fingerprint}"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify`."""
        return [self._scores(row) for row in self._model.probabilities(texts)]

    def _scores(self, row: Sequence[float]) -> Scores:
        if not all(map(isfinite, row)):
            raise Unclassifiable(_CROOKED)
        found: dict[str, float] = {}
        for topic, share in zip(self._topics, row, strict=True):
            # Labels of one topic add up where a text has only one; else the surest of them counts.
            before = found.get(topic, 0.0)
            found[topic] = max(before, share) if self._model.several else min(before + share, 1.0)
        found.pop("", None)
        about = tuple(topic for topic, score in found.items() if score >= FLOOR)
        return Scores(0.0, 1.0, 0.0, found, about)
