"""Explanation of the Chinese word lists: their score is a sum, so the words' shares are exact."""

from collections.abc import Sequence
from math import log

from nlp.classifier import Scores
from nlp.explain.explanation import Attribution, Explanation, explained_labels
from nlp.explain.lexicon_attribution import MASS_SIGNS
from nlp.lexicon.chinese import ChineseLexicon
from nlp.lexicon.lexicon import MAX_MASS, SLOPE


class ChineseAttribution:
    """Explains the `ChineseLexicon`."""

    def __init__(self, lexicon: ChineseLexicon) -> None:
        self._lexicon = lexicon

    def explain(self, text: str, scores: Scores, label: str = "") -> Explanation:
        """Return the exact values of the words, in simplified characters.

        A word that turns another one has no value of its own; the other has the turned one.
        """
        words = self._lexicon.weighted_words(text)
        sentiment, topic = explained_labels(scores, label)
        return Explanation(
            "cues",
            explain_sentiment(sentiment, words) if sentiment else None,
            self.explain_topic(topic, [word for word, _ in words]) if topic else None,
        )

    def explain_topic(self, label: str, words: list[str]) -> Attribution:
        """Return the values of a text's words for a topic."""
        values = [0.0] * len(words)
        for position, _, cue in self._lexicon.topic_cues(words):
            if cue.topic == label:
                values[position] -= log(1.0 - cue.weight)
        return Attribution(label, tuple(zip(words, values, strict=True)), delta=0.0)


def explain_sentiment(label: str, words: Sequence[tuple[str, float]]) -> Attribution:
    """Return the values of a text's words, given with their weights, for a sentiment."""
    bad = sum(-min(weight, 0.0) for _, weight in words)
    good = sum(max(weight, 0.0) for _, weight in words)
    negative_sign, positive_sign = (SLOPE * sign for sign in MASS_SIGNS[label])
    values = tuple(
        (word, -weight * negative_sign * _fit(bad))
        if weight < 0.0
        else (word, weight * positive_sign * _fit(good))
        for word, weight in words
    )
    return Attribution(label, values, delta=0.0)


def _fit(mass: float) -> float:
    """Return the factor that brings ``mass`` within its bound."""
    return MAX_MASS / mass if mass > MAX_MASS else 1.0
