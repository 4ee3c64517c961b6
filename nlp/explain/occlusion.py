"""Explanation of any model by occlusion: the text is scored again without each of its words."""

from collections.abc import Sequence
from typing import Final

from nlp.classifier import Classifier, Question, Scores, SubjectClassifier
from nlp.explain.explanation import (
    Attribution,
    Explanation,
    explained_labels,
    likeliest_sentiment,
)
from nlp.explain.word_spans import Span, word_spans
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
        without_word = [_without(text, span) for span in spans]
        full_scores, *occluded_scores = self._classifier.classify([text, *without_word])

        words = [text[span.start : span.end] for span in spans]
        attributions = [
            _attribution(name, words, full_scores, occluded_scores)
            for name in explained_labels(scores, label)
        ]
        return Explanation("occlusion", *attributions)


def explain_question(
    model: SubjectClassifier, question: Question, scores: Scores, label: str = ""
) -> Explanation:
    """Return why the model gave ``scores`` to the subject of a question, by occlusion.

    It says why ``label`` is likely or not, or else the likeliest sentiment. The words that name the
    subject stay in the text, so that the question remains; their value is 0. A topic has no
    explanation, because topics are the whole text's.

    Raises:
        ModelError: the model fails on the text without one of its words.
    """
    if label and label not in SENTIMENTS:
        return Explanation("none")
    text = question.text[:MAX_CHARS]
    spans = word_spans(text)[:MAX_WORDS]
    first = text.find(question.subject) if question.subject else -1
    last = first + len(question.subject)
    left_out = [span for span in spans if first < 0 or span.end <= first or span.start >= last]
    full, *occluded = model.classify_about(
        [Question(text, question.subject)]
        + [Question(_without(text, span), question.subject) for span in left_out]
    )
    name = label or likeliest_sentiment(scores)
    values = {
        span: _score(full, name) - _score(answer, name)
        for span, answer in zip(left_out, occluded, strict=True)
    }
    words = [(text[span.start : span.end], values.get(span, 0.0)) for span in spans]
    return Explanation("occlusion", Attribution(name, tuple(words)))


def _without(text: str, span: Span) -> str:
    return text[: span.start] + text[span.end :]


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
