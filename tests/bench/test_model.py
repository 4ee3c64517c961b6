"""The labels that the benchmark of models compares."""

from model import label


def test_a_headline_that_no_model_reads_has_no_label() -> None:
    """The benchmark would end at the first headline without words."""
    assert [label([0.1, 0.7, 0.2]), label([])] == [1, -1]
