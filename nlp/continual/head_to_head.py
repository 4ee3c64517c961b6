"""The candidate and the current model, asked the same texts."""

from collections.abc import Sequence

import numpy as np

from nlp.classifier import Classifier
from nlp.continual.promotion import Trial, Which
from nlp.continual.splits import Shares
from nlp.evaluation.comparison import compare
from nlp.evaluation.predictions import predict
from nlp.metrics import Labels, compute_metrics
from nlp.tasks import TASKS, Task
from nlp.training.examples import Example

SEED = 1
"""Of the bootstrap: the same answers always give the same decision."""


def trials(candidate: Classifier, current: Classifier, dealt: Shares) -> list[Trial]:
    """Both models on what was held out of the corrections and on the old texts, task by task.

    Raises:
        ModelError: a model fails on a text.
        NotJudged: the current model answers something else than the labels ask.
    """
    sets: list[tuple[Which, Sequence[Example]]] = [("new", dealt.new), ("old", dealt.old)]
    return [
        _asked(which, task, candidate, current, texts)
        for which, found in sets
        for task in TASKS
        if (texts := [one for one in found if task in one.labels])
    ]


def trial(which: Which, task: Task, answers: Labels, candidate: Labels, current: Labels) -> Trial:
    """What the guesses of both, (texts,), are worth where ``answers`` are the labels."""
    ours, theirs = compute_metrics(answers, candidate), compute_metrics(answers, current)
    if ours is None or theirs is None:
        raise ValueError("nothing to compare the models by")
    compared = compare(answers, ("candidate", candidate), ("current", current), SEED)
    return Trial(which, task, ours, theirs, compared)


def _asked(
    which: Which,
    task: Task,
    candidate: Classifier,
    current: Classifier,
    found: Sequence[Example],
) -> Trial:
    texts = [one.text for one in found]
    answers = np.array([one.labels[task] for one in found], dtype=np.int64)
    ours, theirs = (predict(model, texts, task).labels for model in (candidate, current))
    return trial(which, task, answers, ours, theirs)
