"""Compare the candidate and the current model on the same texts."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np

from nlp.classifier import Classifier
from nlp.continual.promotion import TextSet, Trial
from nlp.continual.splits import Splits
from nlp.evaluation.comparison import compare
from nlp.evaluation.predictions import NO_GUESS, NotEvaluated, predict
from nlp.metrics import Labels, compute_metrics
from nlp.tasks import TASKS, Task
from nlp.training.examples import Example

BOOTSTRAP_SEED: Final = 1
"""A fixed seed, so that the same answers always give the same decision."""


def count_answers(splits: Splits) -> int:
    """Return how many answers `compare_models` asks of both models in all."""
    return 2 * sum(len(example.labels) for example in (*splits.new, *splits.old))


def compare_models(
    candidate: Classifier,
    current: Classifier,
    splits: Splits,
    advance: Callable[[int], None] = lambda _: None,
) -> list[Trial]:
    """Return a trial for each set of test texts and each task that it has labels of.

    ``advance`` is called with the number of new answers.

    Raises:
        ModelError: a model fails on a text.
    """
    trials = []
    test_sets: Mapping[TextSet, Sequence[Example]] = {"new": splits.new, "old": splits.old}
    for (text_set, texts), task in product(test_sets.items(), TASKS):
        examples = [example for example in texts if task in example.labels]
        if examples:
            labels = np.array([example.labels[task] for example in examples], dtype=np.int64)
            trials.append(
                trial(
                    text_set,
                    task,
                    labels,
                    candidate=_guess(candidate, examples, task, advance),
                    current=_guess(current, examples, task, advance),
                )
            )
    return trials


def _guess(
    model: Classifier, examples: Sequence[Example], task: Task, advance: Callable[[int], None]
) -> Labels:
    """Return the model's labels; a model that was trained without the task is always wrong."""
    try:
        return predict(model, [example.text for example in examples], task, advance).labels
    except NotEvaluated:
        return np.full(len(examples), NO_GUESS, dtype=np.int64)


def trial(
    text_set: TextSet, task: Task, labels: Labels, candidate: Labels, current: Labels
) -> Trial:
    """Return the metrics of both models' guesses, and their differences.

    Args:
        text_set: names the texts.
        task: of the labels.
        labels: correct class indices, (texts,).
        candidate: the candidate's guesses, (texts,).
        current: the current model's guesses, (texts,).
    """
    metrics = compute_metrics(labels, candidate), compute_metrics(labels, current)
    if metrics[0] is None or metrics[1] is None:
        raise ValueError("there are no texts to compare the models by")
    comparison = compare(labels, ("candidate", candidate), ("current", current), BOOTSTRAP_SEED)
    return Trial(text_set, task, metrics[0], metrics[1], comparison)
