"""Explanation of any model by occlusion: the text is scored again without each of its words."""

from collections.abc import Sequence
from typing import Final

from nlp.classifier import Classifier, Scores
from nlp.explain.explanation import Attribution, Explanation, explained_labels
from nlp.explain.word_spans import word_spans
from nlp.normalise import MAX_CHARS
from nlp.tasks import SENTIMENTS

MAX_WORDS: Final = 128
"""Only the first words of a text are explained; each costs one more text to classify."""


class Occlusion:
    """Explains any classifier: a word's value is how much less likely the label is without it.

    The values do not add up to anything: of two words that say the same, leaving out either one
    changes little.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def explain(self, text: str, scores: Scores, label: str = "") -> Explanation:
        """Return the values of the first `MAX_WORDS` words, in probability."""
        text = text[:MAX_CHARS]
        spans = word_spans(text)[:MAX_WORDS]
        without_word = [text[: span.start] + text[span.end :] for span in spans]
        full_scores, *occluded_scores = self._classifier.classify([text, *without_word])

        words = [text[span.start : span.end] for span in spans]
        attributions = [
            _attribution(name, words, full_scores, occluded_scores)
            for name in explained_labels(scores, label)
        ]
        return Explanation("occlusion", *attributions)


def _attribution(
    label: str | None, words: Sequence[str], full_scores: Scores, occluded_scores: Sequence[Scores]
) -> Attribution | None:
    """Return how much of the label's score is lost without each word; None without a label."""
    if label is None:
        return None
    full = _score(full_scores, label)
    values = [full - _score(scores, label) for scores in occluded_scores]
    return Attribution(label, tuple(zip(words, values, strict=True)))


def _score(scores: Scores, label: str) -> float:
    if label in SENTIMENTS:
        return scores[:3][SENTIMENTS.index(label)]
    return scores.topics.get(label, 0.0)
