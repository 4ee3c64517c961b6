"""Which words made a model say what it said."""

from typing import Any, Final, Literal, NamedTuple, Protocol

from nlp.classifier import Scores
from nlp.tasks import SENTIMENTS, Task

Method = Literal["integrated-gradients", "cues", "occlusion", "none"]

ABOUT: Final[dict[Method, str]] = {
    "integrated-gradients": "integrated gradients from a text of [MASK], in log-odds",
    "cues": "the word list's weights, exactly, in log-odds",
    "occlusion": "by leaving out one word at a time, in probability: an estimate",
    "none": "this model does not read the text",
}


class Attribution(NamedTuple):
    """What each word of a text adds to the score of ``label``, or takes from it.

    ``words`` are in the text's order, zeros included. ``delta`` is the sum of all values minus what
    they explain, the difference between the model's answer and that to a text without words; None
    where the method does not promise the two to be equal.
    """

    label: str
    words: tuple[tuple[str, float], ...]
    delta: float | None = None


class Explanation(NamedTuple):
    """The attributions of the likeliest sentiment and topic; None for what there is no more of."""

    method: Method
    sentiment: Attribution | None = None
    topic: Attribution | None = None

    def as_json(self) -> dict[str, Any]:
        """For programs: lists of (word, value), empty where there is no attribution."""
        parts: dict[Task, Attribution | None] = {"sentiment": self.sentiment, "topic": self.topic}
        found = {task: part for task, part in parts.items() if part}
        return {
            "method": self.method,
            "labels": {task: part.label for task, part in found.items()},
            "delta": {task: part.delta for task, part in found.items()},
            **{
                task: [list(word) for word in part.words] if part else []
                for task, part in parts.items()
            },
        }


class Explainer(Protocol):
    """Explains what one classifier said. One thread at a time."""

    def explain(self, text: str, scores: Scores) -> Explanation:
        """Why the classifier gave ``text`` these ``scores``.

        Raises:
            ModelError: the classifier fails on the text.
        """
        ...


def sentiment_of(scores: Scores) -> str:
    """The likeliest sentiment.

    >>> sentiment_of(Scores(0.2, 0.3, 0.5, {}))
    'positive'
    """
    three = scores[:3]
    return SENTIMENTS[three.index(max(three))]


def topic_of(scores: Scores) -> str | None:
    """The likeliest topic, carried or not; None when the model gives none.

    >>> topic_of(Scores(0.2, 0.3, 0.5, {"ipo": 0.1, "macro": 0.4}))
    'macro'
    """
    return max(scores.topics, key=scores.topics.__getitem__, default=None)
