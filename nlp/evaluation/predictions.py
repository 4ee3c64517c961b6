"""What a model answers, as far as labels can tell whether it is right."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.classifier import Classifier, Scores
from nlp.tasks import LABELS, SENTIMENTS, Task

NONE: Final = -1
"""The guess for a text to which the model gives no topic: always wrong."""
CHUNK: Final = 2_048
"""Texts whose scores are held at once; the model makes its own batches of them."""


class NotEvaluated(Exception):  # noqa: N818 - the state
    """The model does not answer what the labels ask; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """For each text the likeliest label's index, or `NONE`, and the score the model gives it.

    A sentiment's score is its probability; a topic's is independent of the other topics'.
    """

    labels: NDArray[np.int64]
    confidence: NDArray[np.float64]


def _nobody(_count: int) -> None:
    pass


def predict(
    model: Classifier, texts: Sequence[str], task: Task, told: Callable[[int], None] = _nobody
) -> Predictions:
    """The model's guesses for ``texts``; ``told`` hears how many texts came in, as they do.

    Raises:
        NotJudged: the model gives no topics, or others than those of `nlp.tasks`.
        ModelError: the model fails on a text.
    """
    found = list(_pairs(model, texts, task, told))
    labels = np.array([label for label, _ in found], dtype=np.int64)
    if len(labels) and np.all(labels == NONE):
        raise NotEvaluated(f"{model.model_id} gives no topics")
    return Predictions(labels, np.array([score for _, score in found], dtype=np.float64))


def _pairs(
    model: Classifier, texts: Sequence[str], task: Task, told: Callable[[int], None]
) -> Iterator[tuple[int, float]]:
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        scored = model.classify(chunk)
        yield from map(_sentiment, scored) if task == "sentiment" else _topics(model, scored)
        told(len(chunk))


def _sentiment(scores: Scores) -> tuple[int, float]:
    return _highest({name: getattr(scores, name) for name in SENTIMENTS}, SENTIMENTS)


def _topics(model: Classifier, scored: Sequence[Scores]) -> Iterator[tuple[int, float]]:
    names = LABELS["topic"]
    if foreign := {topic for scores in scored for topic in scores.topics} - set(names):
        told = ", ".join(sorted(foreign))
        raise NotEvaluated(f"{model.model_id} gives topics that the labels do not know: {told}")
    return (_highest(scores.topics, names) for scores in scored)


def _highest(scores: Mapping[str, float], names: Sequence[str]) -> tuple[int, float]:
    if not scores:
        return NONE, 0.0
    name = max(scores, key=lambda it: scores[it])
    return names.index(name), scores[name]
