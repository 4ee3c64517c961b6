"""Train the linear n-gram model: support vector machines, each one class against all others."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from nlp.optional import require
from nlp.tasks import LABELS, TASKS, Task
from nlp.training.examples import Example
from nlp.transformer.ngrams import BUCKETS, IDF_STEP, Counts, Ngrams, Vector, counts, weighted

_SVM_COST: Final[Mapping[Task, float]] = {"sentiment": 0.3, "topic": 0.6}
"""Weight of the training errors (scikit-learn's C): a larger one regularises less."""
_MIN_DOCUMENTS: Final = 2
"""Texts that an n-gram must occur in; an n-gram of one text cannot generalise."""
_MAX_NGRAMS: Final = 40_000
"""N-grams with a weight in the final model, which bounds its size on disk."""
_MAX_WEIGHT_STEPS: Final = 40
"""Quantisation steps of a class's largest weight."""


def fit(examples: Sequence[Example]) -> Ngrams:
    """Return the model of all classes, in the order of `nlp.tasks.TASKS` and their labels.

    A first fit selects the n-grams with the largest weights; the second fit uses only those.

    Raises:
        ModelMissing: scikit-learn is not installed.
    """
    text_counts = [counts(example.text) for example in examples]
    idf = _inverse_document_frequency(text_counts)
    weights, _ = _fit_all_tasks(text_counts, idf, examples)
    largest = np.abs(weights * idf[:, None]).max(axis=1)
    threshold = np.partition(largest, -_MAX_NGRAMS)[-_MAX_NGRAMS]
    idf = np.where((largest > 0) & (largest >= threshold), idf, np.float32(0))
    weights, bias = _fit_all_tasks(text_counts, idf, examples)

    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / _MAX_WEIGHT_STEPS
    steps = np.round(weights / scale).astype(np.int8)
    return Ngrams(idf, steps, scale.astype(np.float32), bias)


def _inverse_document_frequency(text_counts: Sequence[Counts]) -> Vector:
    """Return the smoothed IDF of each bucket in steps of `IDF_STEP`; 0 for rare n-grams."""
    buckets = np.concatenate([text.buckets for text in text_counts])
    documents = np.bincount(buckets, minlength=BUCKETS)
    exact = np.log((1 + len(text_counts)) / (1 + documents)) + 1.0
    steps = np.round(exact / IDF_STEP) * IDF_STEP
    return np.where(documents < _MIN_DOCUMENTS, 0.0, steps).astype(np.float32)


def _fit_all_tasks(
    text_counts: Sequence[Counts], idf: Vector, examples: Sequence[Example]
) -> tuple[Vector, Vector]:
    """Return weights, (buckets, classes), and bias, (classes,), of all tasks side by side."""
    ends = np.cumsum([0, *(len(text.buckets) for text in text_counts)])
    values = np.concatenate([weighted(text, idf) for text in text_counts])
    buckets = np.concatenate([text.buckets for text in text_counts])
    features = require("scipy.sparse").csr_matrix(
        (values, buckets, ends), shape=(len(text_counts), BUCKETS)
    )
    features.eliminate_zeros()

    models = [_fit_task(task, features, examples) for task in TASKS]
    weights = np.concatenate([weights for weights, _ in models], axis=1)
    return weights, np.concatenate([bias for _, bias in models])


def _fit_task(task: Task, features: Any, examples: Sequence[Example]) -> tuple[Vector, Vector]:
    """Return weights, (buckets, classes), and bias, (classes,); zeros for classes without texts.

    Args:
        task: whose labels to learn.
        features: a sparse matrix, (texts, buckets).
        examples: the texts in the same order.
    """
    class_count = len(LABELS[task])
    weights = np.zeros((BUCKETS, class_count), np.float32)
    bias = np.zeros(class_count, np.float32)
    labels = np.array([example.labels.get(task, -1) for example in examples])
    labelled = labels >= 0
    for label in sorted(set(labels[labelled].tolist())):
        svm = require("sklearn.svm").LinearSVC(C=_SVM_COST[task], random_state=0)
        svm.fit(features[labelled], labels[labelled] == label)
        weights[:, label], bias[label] = svm.coef_[0], svm.intercept_[0]
    return weights, bias
