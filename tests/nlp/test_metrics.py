"""Accuracy, F1, the table of classes and the confusion matrix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, classification_report, f1_score

from nlp.evaluation.predictions import NO_GUESS
from nlp.metrics import compute_class_metrics, compute_metrics, count_confusions

NAMES = ("negative", "neutral", "positive")
PAIRS = st.lists(st.tuples(st.integers(0, 2), st.integers(NO_GUESS, 2)), min_size=1, max_size=60)


@pytest.mark.property
@given(PAIRS)
def test_figures_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    """A model could not be compared with what others published."""
    answers, guesses = np.array(pairs).T
    metrics = compute_metrics(answers, guesses)
    assert metrics is not None
    occurring = sorted(set(answers.tolist()))
    for average, score in (("macro", metrics.macro_f1), ("weighted", metrics.weighted_f1)):
        expected = f1_score(answers, guesses, labels=occurring, average=average, zero_division=0)
        assert score == pytest.approx(expected)
    assert metrics.accuracy == pytest.approx(accuracy_score(answers, guesses))
    assert metrics.rows == len(pairs)


def test_each_class_has_its_own_row_even_one_that_does_not_occur() -> None:
    """The worst class would hide in the mean, or rows of two models would not match."""
    answers, guesses = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, NO_GUESS])
    by_class = compute_class_metrics(answers, guesses, NAMES)
    report = classification_report(
        answers, guesses, labels=[0, 1, 2], target_names=NAMES, output_dict=True, zero_division=0
    )
    assert [metrics.label for metrics in by_class] == list(NAMES)
    for metrics in by_class:
        expected = report[metrics.label]
        assert metrics.precision == pytest.approx(expected["precision"])
        assert metrics.recall == pytest.approx(expected["recall"])
        assert metrics.f1 == pytest.approx(expected["f1-score"])
        assert metrics.support == expected["support"]


def test_confusion_counts_labels_in_rows_and_guesses_in_columns() -> None:
    """A reader who looks for bad news taken for good would find the opposite."""
    matrix = count_confusions(np.array([0, 0, 1, 1]), np.array([0, 2, 1, NO_GUESS]), NAMES)
    assert matrix == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_no_texts_have_no_metrics() -> None:
    """A slice without texts would be reported as one that the model gets all wrong."""
    assert compute_metrics(np.array([], dtype=np.int64), np.array([], dtype=np.int64)) is None
