"""Kinds of texts that are judged by themselves."""

import numpy as np

from nlp.evaluation.slices import slice_metrics

TEXTS = [
    "$TOVE rises",
    "Gyre does not rise",
    "Gyre won't pay $5 a share, " + "and shareholders are told that they have to wait " * 2,
    "Wabe agrees to buy Gyre, people who are familiar with the matter said",
]


def test_texts_are_sorted_by_length_cashtag_and_negation() -> None:
    """A weakness would be looked for among the wrong texts."""
    answers = np.array([0, 1, 1, 2])
    found = {
        (it.by, it.of): it.measures for it in slice_metrics(TEXTS, answers, np.array([0, 1, 0, 1]))
    }
    rows = {name: it.rows for name, it in found.items()}
    assert rows == {
        ("length", "up to 60 characters"): 2,
        ("length", "61 to 100 characters"): 1,
        ("length", "over 100 characters"): 1,
        ("cashtag", "with"): 1,
        ("cashtag", "without"): 3,
        ("negation", "with"): 2,
        ("negation", "without"): 2,
    }
    assert found["negation", "with"].accuracy == 0.5
    assert found["cashtag", "with"].macro_f1 == 1.0


def test_what_no_text_is_is_left_out() -> None:
    """A slice of no rows would look like one where everything is wrong."""
    found = slice_metrics(TEXTS[:1], np.array([0]), np.array([0]))
    assert [(it.by, it.of) for it in found] == [
        ("length", "up to 60 characters"),
        ("cashtag", "with"),
        ("negation", "without"),
    ]
