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
    found = compute_metrics(answers, guesses)
    assert found is not None
    there = sorted(set(answers.tolist()))
    for average, score in (("macro", found.macro_f1), ("weighted", found.weighted_f1)):
        theirs = f1_score(answers, guesses, labels=there, average=average, zero_division=0)
        assert score == pytest.approx(theirs)
    assert found.accuracy == pytest.approx(accuracy_score(answers, guesses))
    assert found.rows == len(pairs)


def test_each_class_has_its_own_line_even_one_that_is_not_there() -> None:
    """The worst class would hide in the mean, or lines of two models would not match."""
    answers, guesses = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, NO_GUESS])
    found = compute_class_metrics(answers, guesses, NAMES)
    theirs = classification_report(
        answers, guesses, labels=[0, 1, 2], target_names=NAMES, output_dict=True, zero_division=0
    )
    assert [it.label for it in found] == list(NAMES)
    for it in found:
        expected = theirs[it.label]
        assert it.precision == pytest.approx(expected["precision"])
        assert it.recall == pytest.approx(expected["recall"])
        assert it.f1 == pytest.approx(expected["f1-score"])
        assert it.support == expected["support"]


def test_confusion_counts_labels_in_rows_and_guesses_in_columns() -> None:
    """One would look for bad news taken for good and find the opposite."""
    found = count_confusions(np.array([0, 0, 1, 1]), np.array([0, 2, 1, NO_GUESS]), NAMES)
    assert found == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_nothing_has_no_measures() -> None:
    """A slice without texts would be reported as one that the model gets all wrong."""
    assert compute_metrics(np.array([], dtype=np.int64), np.array([], dtype=np.int64)) is None
