"""Everything that is known about models after they were asked the same texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.evaluation.bootstrap import Interval, interval, resampled
from nlp.evaluation.calibration_bins import Bin, bins, ece
from nlp.evaluation.comparison import Comparison, compare
from nlp.evaluation.dataset import Exam
from nlp.evaluation.metrics import Measures, OfClass, classes, confusion, measures
from nlp.evaluation.predictions import NONE, Guesses
from nlp.evaluation.slices import Slice, slices
from nlp.tasks import LABELS


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one model.

    ``deduplicated`` are the measures of the texts without a near duplicate among the training rows,
    None where these are not known or nothing is left; ``unanswered`` are texts without any guess.
    """

    model: str
    measures: Measures
    accuracy_interval: Interval
    macro_f1_interval: Interval
    ece: float
    unanswered: int
    deduplicated: Measures | None
    classes: list[OfClass]
    confusion: list[list[int]]
    bins: list[Bin]
    slices: list[Slice]


@dataclass(frozen=True, slots=True)
class Verdict:
    """On all models that could be asked; ``not_judged`` says why the others could not.

    ``comparisons`` are the first model against each of the others.
    """

    task: str
    file: str
    rows: int
    near_duplicates: int | None
    labels: list[str]
    judgements: list[Judgement]
    comparisons: list[Comparison]
    not_judged: list[str]


Answers = Sequence[tuple[str, Guesses]]
"""Models' names and guesses, first the one that the others are compared to."""


def verdict(exam: Exam, found: Answers, not_judged: list[str], seed: int) -> Verdict:
    """On ``found``; figures and intervals are the same for the same ``seed``."""
    return Verdict(
        task=exam.task,
        file=str(exam.file),
        rows=len(exam.texts),
        near_duplicates=None if exam.seen is None else int(exam.seen.sum()),
        labels=list(LABELS[exam.task]),
        judgements=[_judgement(exam, model, guesses, seed) for model, guesses in found],
        comparisons=_comparisons(exam, found, seed),
        not_judged=not_judged,
    )


def _judgement(exam: Exam, model: str, guesses: Guesses, seed: int) -> Judgement:
    answers, said, names = exam.answers, guesses.labels, LABELS[exam.task]
    measured, (draws,) = measures(answers, said), resampled(answers, [said], seed)
    if measured is None:
        raise ValueError("an exam without texts")
    found = bins(guesses.confidence, answers == said)
    return Judgement(
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


def _deduplicated(exam: Exam, guesses: Guesses) -> Measures | None:
    if exam.seen is None:
        return None
    return measures(exam.answers[~exam.seen], guesses.labels[~exam.seen])


def _comparisons(exam: Exam, found: Answers, seed: int) -> list[Comparison]:
    labels = [(model, guesses.labels) for model, guesses in found]
    return [compare(exam.answers, labels[0], other, seed) for other in labels[1:]]
