"""Explanation of the Chinese word lists: their score is a sum, so the words' shares are exact."""

from math import log

from nlp.classifier import Scores
from nlp.explain.explanation import (
    Attribution,
    Explanation,
    likeliest_sentiment,
    likeliest_topic,
)
from nlp.explain.lexicon_attribution import MASS_SIGNS
from nlp.lexicon.chinese import ChineseLexicon
from nlp.lexicon.lexicon import MAX_MASS, SLOPE


class ChineseAttribution:
    """Explains the `ChineseLexicon`."""

    def __init__(self, lexicon: ChineseLexicon) -> None:
        self._lexicon = lexicon

    def explain(self, text: str, scores: Scores) -> Explanation:
        """Return the exact values of the words, in simplified characters.

        A word that turns another one has no value of its own; the other has the turned one.
        """
        words = self._lexicon.weighted_words(text)
        sentiment, topic = likeliest_sentiment(scores), likeliest_topic(scores)
        bad = sum(-min(weight, 0.0) for _, weight in words)
        good = sum(max(weight, 0.0) for _, weight in words)
        negative_sign, positive_sign = (SLOPE * sign for sign in MASS_SIGNS[sentiment])
        sentiment_values = tuple(
            (word, -weight * negative_sign * _fit(bad))
            if weight < 0.0
            else (word, weight * positive_sign * _fit(good))
            for word, weight in words
        )
        cues = self._lexicon.topic_cues([word for word, _ in words])
        topic_values = [0.0] * len(words)
        for position, _, cue in cues:
            if cue.topic == topic:
                topic_values[position] -= log(1.0 - cue.weight)
        topics = tuple(zip((word for word, _ in words), topic_values, strict=True))
        return Explanation(
            "cues",
            Attribution(sentiment, sentiment_values, delta=0.0),
            Attribution(topic, topics, delta=0.0) if topic else None,
        )


def _fit(mass: float) -> float:
    """Return the factor that brings ``mass`` within its bound."""
    return MAX_MASS / mass if mass > MAX_MASS else 1.0
