"""A model's answers for labelled texts, in the form in which labels can say if they are right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.classifier import Classifier
from nlp.tasks import LABELS, SENTIMENTS, TASKS, Task

NO_GUESS: Final = -1
"""The guess for a text to which the model gives no topic; it is always wrong."""
CHUNK_TEXTS: Final = 2_048
"""Bounds the scores held in memory; the model makes batches of its own."""


class NotEvaluated(Exception):
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
        NotEvaluated: the model was trained without the task, or gives no topics, or others than
            those of `nlp.tasks`.
        ModelError: the model fails on a text.
    """
    if task not in getattr(model, "tasks", TASKS):  # newsquake's own models say what they learnt
        raise NotEvaluated(f"{model.model_id} was trained without {task}s")
    names = LABELS[task]
    guesses: list[tuple[int, float]] = []
    for start in range(0, len(texts), CHUNK_TEXTS):
        chunk = texts[start : start + CHUNK_TEXTS]
        by_label = [
            scores.topics if task == "topic" else dict(zip(SENTIMENTS, scores[:3], strict=True))
            for scores in model.classify(chunk)
        ]
        if unknown := {name for scores in by_label for name in scores} - set(names):
            topics = ", ".join(sorted(unknown))
            raise NotEvaluated(
                f"{model.model_id} gives topics that the labels do not know: {topics}"
            )
        for scores in by_label:
            name = max(scores, key=scores.__getitem__, default=None)
            guesses.append((names.index(name), scores[name]) if name else (NO_GUESS, 0.0))
        if report_progress:
            report_progress(len(chunk))

    labels = np.array([label for label, _ in guesses], dtype=np.int64)
    if len(labels) and np.all(labels == NO_GUESS):
        raise NotEvaluated(f"{model.model_id} gives no topics")
    return Predictions(labels, np.array([score for _, score in guesses], dtype=np.float64))
