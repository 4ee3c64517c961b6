"""Explanations: how much each word of a text adds to a model's score."""

from typing import Any, Final, Literal, NamedTuple, Protocol

from nlp.classifier import Scores
from nlp.tasks import SENTIMENTS, Task

Method = Literal["integrated-gradients", "cues", "occlusion", "none"]

METHOD_DESCRIPTIONS: Final[dict[Method, str]] = {
    "integrated-gradients": "integrated gradients from a text of [MASK], in log-odds",
    "cues": "the word list's weights, exactly, in log-odds",
    "occlusion": "by leaving out one word at a time, in probability: an estimate",
    "none": "this model does not read the text",
}


class Attribution(NamedTuple):
    """The value that each word of a text adds to the score of a label, or takes from it.

    Attributes:
        label: the sentiment or topic whose score is explained.
        words: words and their values in the order of the text, zeros included.
        delta: the sum of all values less the difference that they explain, between the model's
            answer and its answer to a text without words. None if the method does not promise
            that the two are equal.
    """

    label: str
    words: tuple[tuple[str, float], ...]
    delta: float | None = None


class Explanation(NamedTuple):
    """Attributions of the likeliest sentiment and topic, or of the label that was asked for.

    A task is None if the model does not have it, or if a label of the other was asked for.
    """

    method: Method
    sentiment: Attribution | None = None
    topic: Attribution | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the explanation for JSON: (word, value) lists, empty without an attribution."""
        attributions: dict[Task, Attribution | None] = {
            "sentiment": self.sentiment,
            "topic": self.topic,
        }
        present = {task: attribution for task, attribution in attributions.items() if attribution}
        return {
            "method": self.method,
            "labels": {task: attribution.label for task, attribution in present.items()},
            "delta": {task: attribution.delta for task, attribution in present.items()},
            **{
                task: [list(word) for word in attribution.words] if attribution else []
                for task, attribution in attributions.items()
            },
        }


class Explainer(Protocol):
    """Explains the scores of one classifier. Only one thread may use it at a time."""

    def explain(self, text: str, scores: Scores, label: str = "") -> Explanation:
        """Return why the classifier gave ``text`` these ``scores``.

        Of ``label``, a sentiment or a topic, it says why it is likely or not; without one, of the
        likeliest sentiment and topic.

        Raises:
            ModelError: the classifier fails on the text.
        """
        ...


def explained_labels(scores: Scores, label: str) -> tuple[str | None, str | None]:
    """Return the sentiment and the topic to explain: ``label`` alone, or the likeliest of both.

    >>> explained_labels(Scores(0.2, 0.3, 0.5, {"ipo": 0.1}), "")
    ('positive', 'ipo')
    >>> explained_labels(Scores(0.2, 0.3, 0.5, {"ipo": 0.1}), "negative")
    ('negative', None)
    """
    if not label:
        return likeliest_sentiment(scores), likeliest_topic(scores)
    return (label, None) if label in SENTIMENTS else (None, label)


def likeliest_sentiment(scores: Scores) -> str:
    """Return the sentiment with the highest probability.

    >>> likeliest_sentiment(Scores(0.2, 0.3, 0.5, {}))
    'positive'
    """
    probabilities = scores[:3]
    return SENTIMENTS[probabilities.index(max(probabilities))]


def likeliest_topic(scores: Scores) -> str | None:
    """Return the topic with the highest score, carried or not; None if the model gives none.

    >>> likeliest_topic(Scores(0.2, 0.3, 0.5, {"ipo": 0.1, "macro": 0.4}))
    'macro'
    """
    return max(scores.topics, key=scores.topics.__getitem__, default=None)
