"""Everything that is known about models after they were asked the same texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.evaluation.bootstrap import Interval, interval, resampled
from nlp.evaluation.calibration_bins import Bin, bins, ece
from nlp.evaluation.comparison import Comparison, compare
from nlp.evaluation.dataset import Dataset
from nlp.evaluation.predictions import NONE, Predictions
from nlp.evaluation.slices import Slice, slices
from nlp.metrics import Metrics, OfClass, classes, compute_metrics, confusion
from nlp.tasks import LABELS


@dataclass(frozen=True, slots=True)
class TaskReport:
    """Of one model.

    ``deduplicated`` are the measures of the texts without a near duplicate among the training rows,
    None where these are not known or nothing is left; ``unanswered`` are texts without any guess.
    """

    model: str
    measures: Metrics
    accuracy_interval: Interval
    macro_f1_interval: Interval
    ece: float
    unanswered: int
    deduplicated: Metrics | None
    classes: list[OfClass]
    confusion: list[list[int]]
    bins: list[Bin]
    slices: list[Slice]


@dataclass(frozen=True, slots=True)
class Report:
    """On all models that could be asked; ``not_judged`` says why the others could not.

    ``comparisons`` are the first model against each of the others.
    """

    task: str
    file: str
    rows: int
    near_duplicates: int | None
    labels: list[str]
    judgements: list[TaskReport]
    comparisons: list[Comparison]
    not_judged: list[str]


Answers = Sequence[tuple[str, Predictions]]
"""Models' names and guesses, first the one that the others are compared to."""


def make_report(exam: Dataset, found: Answers, not_judged: list[str], seed: int) -> Report:
    """On ``found``; figures and intervals are the same for the same ``seed``."""
    return Report(
        task=exam.task,
        file=str(exam.file),
        rows=len(exam.texts),
        near_duplicates=None if exam.seen is None else int(exam.seen.sum()),
        labels=list(LABELS[exam.task]),
        judgements=[_judgement(exam, model, guesses, seed) for model, guesses in found],
        comparisons=_comparisons(exam, found, seed),
        not_judged=not_judged,
    )


def _judgement(exam: Dataset, model: str, guesses: Predictions, seed: int) -> TaskReport:
    answers, said, names = exam.answers, guesses.labels, LABELS[exam.task]
    measured, (draws,) = compute_metrics(answers, said), resampled(answers, [said], seed)
    if measured is None:
        raise ValueError("an exam without texts")
    found = bins(guesses.confidence, answers == said)
    return TaskReport(
        model=model,
        measures=measured,
        accuracy_interval=interval(draws.accuracy),
        macro_f1_interval=interval(draws.macro_f1),
        ece=ece(found),
        unanswered=int(np.sum(said == NONE)),
        deduplicated=_deduplicated(exam, guesses),
        classes=classes(answers, said, names),
        confusion=confusion(answers, said, names),
        bins=found,
        slices=slices(exam.texts, answers, said),
    )


def _deduplicated(exam: Dataset, guesses: Predictions) -> Metrics | None:
    if exam.seen is None:
        return None
    return compute_metrics(exam.answers[~exam.seen], guesses.labels[~exam.seen])


def _comparisons(exam: Dataset, found: Answers, seed: int) -> list[Comparison]:
    labels = [(model, guesses.labels) for model, guesses in found]
    return [compare(exam.answers, labels[0], other, seed) for other in labels[1:]]
