"""Accuracy, F1 and confusion of predicted labels, for training and for evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

Labels = NDArray[np.int64]
"""Indices of labels, (texts,)."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics of predictions for labelled texts; the names are keys of ``evaluate --json``.

    Attributes:
        rows: number of texts.
        accuracy: share of texts whose label is predicted.
        macro_f1: mean F1 over the classes that occur among the labels.
        weighted_f1: mean F1 over the same classes, weighted by their texts.
    """

    rows: int
    accuracy: float
    macro_f1: float
    weighted_f1: float


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """Metrics of one class; ``support`` is the number of its texts, and 0/0 counts as 0."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


def compute_metrics(answers: Labels, guesses: Labels) -> Metrics | None:
    """Return the metrics of ``guesses`` against the labels ``answers``; None without any text."""
    if not len(answers):
        return None
    _, _, f1, support = precision_recall_fscore_support(
        answers, guesses, labels=np.unique(answers), zero_division=0.0
    )
    return Metrics(
        rows=len(answers),
        accuracy=float(np.mean(answers == guesses)),
        macro_f1=float(np.mean(f1)),
        weighted_f1=float(np.average(f1, weights=support)),
    )


def compute_class_metrics(
    answers: Labels, guesses: Labels, names: Sequence[str]
) -> list[ClassMetrics]:
    """Return the metrics of every class, in the order of ``names``."""
    columns = precision_recall_fscore_support(
        answers, guesses, labels=range(len(names)), zero_division=0.0
    )
    return [
        ClassMetrics(name, float(precision), float(recall), float(f1), int(support))
        for name, precision, recall, f1, support in zip(names, *columns, strict=True)
    ]


def count_confusions(answers: Labels, guesses: Labels, names: Sequence[str]) -> list[list[int]]:
    """Return the confusion matrix: texts with label ``i`` and guess ``j`` at [i][j].

    A text without a guess is in no cell.
    """
    matrix: list[list[int]] = confusion_matrix(answers, guesses, labels=range(len(names))).tolist()
    return matrix
