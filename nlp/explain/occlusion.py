"""Any model explained, by asking it again: what does it say without this word?"""

from collections.abc import Sequence
from typing import Final

from nlp.classifier import Classifier, Scores
from nlp.explain.explanation import Attribution, Explanation, sentiment_of, topic_of
from nlp.explain.word_spans import Span, spans
from nlp.normalise import MAX_CHARS
from nlp.tasks import SENTIMENTS

MOST_WORDS: Final = 128
"""Of a text; each costs one more text to classify."""


class Occlusion:
    """Explains any classifier: a word's value is how much less likely the label is without it.

    Values do not add up to anything: of two words that say the same, either alone changes little.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def explain(self, text: str, scores: Scores) -> Explanation:
        """As `Explainer.explain`; of the first `MOST_WORDS` words."""
        text = text[:MAX_CHARS]
        words = spans(text)[:MOST_WORDS]
        without = [text[: word.start] + text[word.end :] for word in words]
        whole, *rest = self._classifier.classify([text, *without])
        topic = topic_of(scores)
        return Explanation(
            "occlusion",
            _attribution(text, words, sentiment_of(scores), [whole, *rest]),
            _attribution(text, words, topic, [whole, *rest]) if topic else None,
        )


def _attribution(
    text: str, words: Sequence[Span], label: str, answers: Sequence[Scores]
) -> Attribution:
    whole, *rest = [_score(answer, label) for answer in answers]
    pairs = zip(words, rest, strict=True)
    return Attribution(label, tuple((text[s:e], whole - score) for (s, e), score in pairs))


def _score(scores: Scores, label: str) -> float:
    if label in SENTIMENTS:
        return scores[:3][SENTIMENTS.index(label)]
    return scores.topics.get(label, 0.0)
