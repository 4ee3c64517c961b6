"""Slices: kinds of texts with metrics of their own."""

import numpy as np

from nlp.evaluation.slices import MAX_KINDS, slice_by_kind, slice_metrics

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


def test_each_kind_of_a_column_is_a_slice() -> None:
    """A model that misses every accident would look as good as its mean."""
    kinds = {"event": ["strike", "recall", "recall"], "companies": ["2", "1", "2"]}
    slices = slice_by_kind(kinds, np.array([0, 0, 1]), np.array([0, 1, 1]))
    assert [(part.by, part.of, part.measures.rows, part.measures.accuracy) for part in slices] == [
        ("event", "recall", 2, 0.5),
        ("event", "strike", 1, 1.0),
        ("companies", "1", 1, 0.0),
        ("companies", "2", 2, 1.0),
    ]


def test_rare_kinds_are_one_slice() -> None:
    """A table of a thousand sources would hide all other figures."""
    sources = ["wire", "wire", *(f"blog {n}" for n in range(50))]
    answers = np.zeros(len(sources), dtype=np.int64)
    slices = slice_by_kind({"source": sources}, answers, answers)
    assert len(slices) == MAX_KINDS
    assert slices[0].of == "wire"
    assert slices[-1].of == "40 others"
    assert sum(part.measures.rows for part in slices) == len(sources)
