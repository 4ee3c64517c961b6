"""Accuracy and F1 of predicted labels, for training and for evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Metrics:
    """Macro F1 is the mean over the classes that occur among the labels; weighted by rows."""

    rows: int
    accuracy: float
    macro_f1: float
    weighted_f1: float


@dataclass(frozen=True, slots=True)
class OfClass:
    """Of one class. ``support`` are the rows with this label; 0/0 counts as 0."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


def compute_metrics(answers: Labels, guesses: Labels) -> Metrics | None:
    """Of guesses against the labels, ``answers``; None where there is no row."""
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


def classes(answers: Labels, guesses: Labels, names: Sequence[str]) -> list[OfClass]:
    """The table of all classes, in the order of ``names``."""
    columns = precision_recall_fscore_support(
        answers, guesses, labels=range(len(names)), zero_division=0.0
    )
    return [
        OfClass(name, float(precision), float(recall), float(f1), int(support))
        for name, precision, recall, f1, support in zip(names, *columns, strict=True)
    ]


def confusion(answers: Labels, guesses: Labels, names: Sequence[str]) -> list[list[int]]:
    """Rows with label ``i`` and guess ``j``, at [i][j]; a text without a guess is in no cell."""
    found: list[list[int]] = confusion_matrix(answers, guesses, labels=range(len(names))).tolist()
    return found
