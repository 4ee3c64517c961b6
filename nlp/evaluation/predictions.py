"""A model's answers for labelled texts, in the form in which labels can say if they are right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.classifier import Classifier, Scores
from nlp.tasks import LABELS, SENTIMENTS, Task

NO_GUESS: Final = -1
"""The guess for a text to which the model gives no topic; it is always wrong."""
CHUNK_TEXTS: Final = 2_048
"""Bounds the scores held in memory; the model makes batches of its own."""


class NotEvaluated(Exception):  # noqa: N818 - the state
    """The model does not give what the labels ask for; the message says which model and why."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """A model's likeliest label for each text.

    Attributes:
        labels: index of the label, or `NO_GUESS`, (texts,).
        confidence: the model's score for that label, (texts,). A sentiment's score is its
            probability; a topic's is independent of the other topics' scores.
    """

    labels: NDArray[np.int64]
    confidence: NDArray[np.float64]


def predict(
    model: Classifier,
    texts: Sequence[str],
    task: Task,
    report_progress: Callable[[int], None] | None = None,
) -> Predictions:
    """Return the model's predictions; ``report_progress`` gets the size of each finished chunk.

    Raises:
        NotEvaluated: the model gives no topics, or others than those of `nlp.tasks`.
        ModelError: the model fails on a text.
    """
    guesses: list[tuple[int, float]] = []
    for start in range(0, len(texts), CHUNK_TEXTS):
        chunk = texts[start : start + CHUNK_TEXTS]
        by_label = [_scores_by_label(scores, task) for scores in model.classify(chunk)]
        _check_labels(model, by_label, task)
        guesses += [_likeliest(scores, LABELS[task]) for scores in by_label]
        if report_progress:
            report_progress(len(chunk))

    labels = np.array([label for label, _ in guesses], dtype=np.int64)
    if len(labels) and np.all(labels == NO_GUESS):
        raise NotEvaluated(f"{model.model_id} gives no topics")
    return Predictions(labels, np.array([score for _, score in guesses], dtype=np.float64))


def _scores_by_label(scores: Scores, task: Task) -> Mapping[str, float]:
    if task == "topic":
        return scores.topics
    return {name: getattr(scores, name) for name in SENTIMENTS}


def _check_labels(model: Classifier, by_label: Sequence[Mapping[str, float]], task: Task) -> None:
    given = {label for scores in by_label for label in scores}
    if unknown := given - set(LABELS[task]):
        topics = ", ".join(sorted(unknown))
        raise NotEvaluated(f"{model.model_id} gives topics that the labels do not know: {topics}")


def _likeliest(scores: Mapping[str, float], names: Sequence[str]) -> tuple[int, float]:
    if not scores:
        return NO_GUESS, 0.0
    name = max(scores, key=scores.__getitem__)
    return names.index(name), scores[name]
