"""Report of models' predictions for the same labelled texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.evaluation.bootstrap import Interval, percentile_interval, resample
from nlp.evaluation.calibration_bins import (
    CalibrationBin,
    calibration_bins,
    expected_calibration_error,
)
from nlp.evaluation.comparison import Comparison, compare
from nlp.evaluation.dataset import Dataset
from nlp.evaluation.predictions import NO_GUESS, Predictions
from nlp.evaluation.slices import Slice, slice_by_kind, slice_metrics
from nlp.metrics import (
    ClassMetrics,
    Metrics,
    compute_class_metrics,
    compute_metrics,
    count_confusions,
)
from nlp.rows.label_meanings import LabelCount
from nlp.tasks import LABELS


@dataclass(frozen=True, slots=True)
class ModelReport:
    """Metrics of one model; the names are keys of ``evaluate --json``.

    Attributes:
        ece: expected calibration error.
        unanswered: number of texts for which the model has no guess.
        deduplicated: metrics of the texts without a near duplicate among the training rows; None
            if these rows are not known, or if no text is left.
        confusion: number of texts with label i and guess j at [i][j].
    """

    model: str
    measures: Metrics
    accuracy_interval: Interval
    macro_f1_interval: Interval
    ece: float
    unanswered: int
    deduplicated: Metrics | None
    classes: list[ClassMetrics]
    confusion: list[list[int]]
    bins: list[CalibrationBin]
    slices: list[Slice]


@dataclass(frozen=True, slots=True)
class Report:
    """Report on one dataset; the names are keys of ``evaluate --json``.

    Attributes:
        near_duplicates: number of texts with a near duplicate among the training rows; None if
            these rows are not known.
        label_map: what each label of the file was taken for.
        judgements: one report for each model that has predictions.
        comparisons: the first model against each of the others.
        not_judged: why each of the other models has no predictions.
    """

    task: str
    file: str
    rows: int
    near_duplicates: int | None
    labels: list[str]
    label_map: list[LabelCount]
    judgements: list[ModelReport]
    comparisons: list[Comparison]
    not_judged: list[str]


NamedPredictions = Sequence[tuple[str, Predictions]]
"""Models' names and predictions. The first model is compared with the others."""


def make_report(
    dataset: Dataset, predictions: NamedPredictions, not_judged: list[str], seed: int
) -> Report:
    """Return the report; metrics and intervals are the same for the same ``seed``.

    Raises:
        ValueError: the dataset has no text.
    """
    guesses = [(model, prediction.labels) for model, prediction in predictions]
    in_training = dataset.in_training
    return Report(
        task=dataset.task,
        file=str(dataset.file),
        rows=len(dataset.texts),
        near_duplicates=None if in_training is None else int(in_training.sum()),
        labels=list(LABELS[dataset.task]),
        label_map=list(dataset.labels),
        judgements=[
            _model_report(dataset, model, prediction, seed) for model, prediction in predictions
        ],
        comparisons=[compare(dataset.answers, guesses[0], other, seed) for other in guesses[1:]],
        not_judged=not_judged,
    )


def _model_report(dataset: Dataset, model: str, predictions: Predictions, seed: int) -> ModelReport:
    answers, guesses, names = dataset.answers, predictions.labels, LABELS[dataset.task]
    in_training = dataset.in_training
    metrics = compute_metrics(answers, guesses)
    if metrics is None:
        raise ValueError("the dataset has no text")

    (draws,) = resample(answers, [guesses], seed)
    bins = calibration_bins(predictions.confidence, answers == guesses)
    return ModelReport(
        model=model,
        measures=metrics,
        accuracy_interval=percentile_interval(draws.accuracy),
        macro_f1_interval=percentile_interval(draws.macro_f1),
        ece=expected_calibration_error(bins),
        unanswered=int(np.sum(guesses == NO_GUESS)),
        deduplicated=None
        if in_training is None
        else compute_metrics(answers[~in_training], guesses[~in_training]),
        classes=compute_class_metrics(answers, guesses, names),
        confusion=count_confusions(answers, guesses, names),
        bins=bins,
        slices=[
            *slice_metrics(dataset.texts, answers, guesses),
            *slice_by_kind(dataset.kinds, answers, guesses),
        ],
    )
