"""Trains the linear model over n-grams: support vector machines, one class against the others."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from nlp.optional import require
from nlp.tasks import LABELS, TASKS, Task
from nlp.training.examples import Example
from nlp.transformer.ngrams import BUCKETS, IDF_STEP, Counts, Ngrams, Vector, counts, weighted

_COST: Final[Mapping[Task, float]] = {"sentiment": 0.3, "topic": 0.6}
_RAREST: Final = 2
"""Texts that an n-gram is in."""
_KEPT: Final = 40_000
_STEPS: Final = 40


def fit(found: Sequence[Example]) -> Ngrams:
    """The model of all tasks' classes, side by side in the order of `nlp.tasks.TASKS`.

    A first fit says which n-grams decide; a second one is by those alone.

    Raises:
        ModelMissing: scikit-learn is not installed.
    """
    counted = [counts(one.text) for one in found]
    idf = _idf(counted)
    weights, _ = _machines(counted, idf, found)
    idf = np.where(_deciding(weights * idf[:, None]), idf, np.float32(0))
    weights, bias = _machines(counted, idf, found)
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / _STEPS
    steps = np.round(weights / scale).astype(np.int8)
    return Ngrams(idf, steps, scale.astype(np.float32), bias)


def _idf(found: Sequence[Counts]) -> Vector:
    documents = np.bincount(np.concatenate([one.buckets for one in found]), minlength=BUCKETS)
    exact = np.log((1 + len(found)) / (1 + documents)) + 1.0
    return np.where(documents < _RAREST, 0.0, np.round(exact / IDF_STEP) * IDF_STEP).astype(
        np.float32
    )


def _deciding(weights: Vector) -> Any:
    """Which n-grams weigh most for a class of theirs: (buckets)."""
    most = np.abs(weights).max(axis=1)
    return (most > 0) & (most >= np.partition(most, -_KEPT)[-_KEPT])


def _machines(counted: Sequence[Counts], idf: Vector, found: Sequence[Example]) -> Any:
    """Weights, (buckets, classes), and bias, (classes), of all tasks."""
    features = _sparse([one.buckets for one in counted], [weighted(one, idf) for one in counted])
    parts = [_machine(task, features, found) for task in TASKS]
    weights = np.concatenate([weights for weights, _ in parts], axis=1)
    return weights, np.concatenate([bias for _, bias in parts])


def _sparse(buckets: Sequence[Any], values: Sequence[Vector]) -> Any:
    ends = np.cumsum([0, *(len(one) for one in buckets)])
    content = (np.concatenate(values), np.concatenate(buckets), ends)
    found = require("scipy.sparse").csr_matrix(content, shape=(len(buckets), BUCKETS))
    found.eliminate_zeros()
    return found


def _machine(task: Task, features: Any, found: Sequence[Example]) -> tuple[Vector, Vector]:
    """Weights (buckets, classes) and bias; zeros for classes that the examples do not have."""
    classes = len(LABELS[task])
    weights, bias = np.zeros((BUCKETS, classes), np.float32), np.zeros(classes, np.float32)
    labels = np.array([one.labels.get(task, -1) for one in found])
    known = labels >= 0
    for of in sorted(set(labels[known].tolist())):
        machine = require("sklearn.svm").LinearSVC(C=_COST[task], random_state=0)
        machine.fit(features[known], labels[known] == of)
        weights[:, of], bias[of] = machine.coef_[0], machine.intercept_[0]
    return weights, bias
