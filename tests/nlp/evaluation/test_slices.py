"""Slices: kinds of texts with metrics of their own."""

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
    slices = slice_metrics(TEXTS, answers, np.array([0, 1, 0, 1]))
    by_name = {(text_slice.by, text_slice.of): text_slice.measures for text_slice in slices}
    rows = {name: metrics.rows for name, metrics in by_name.items()}
    assert rows == {
        ("length", "up to 60 characters"): 2,
        ("length", "61 to 100 characters"): 1,
        ("length", "over 100 characters"): 1,
        ("cashtag", "with"): 1,
        ("cashtag", "without"): 3,
        ("negation", "with"): 2,
        ("negation", "without"): 2,
    }
    assert by_name["negation", "with"].accuracy == 0.5
    assert by_name["cashtag", "with"].macro_f1 == 1.0


def test_a_slice_without_texts_is_left_out() -> None:
    """A slice of no rows would look like one where everything is wrong."""
    slices = slice_metrics(TEXTS[:1], np.array([0]), np.array([0]))
    assert [(text_slice.by, text_slice.of) for text_slice in slices] == [
        ("length", "up to 60 characters"),
        ("cashtag", "with"),
        ("negation", "without"),
    ]
