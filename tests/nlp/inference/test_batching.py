"""Batches under a token budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.inference.batching import batches, in_batches

LENGTHS = st.lists(st.integers(0, 50), max_size=60)


@pytest.mark.property
@given(lengths=LENGTHS, budget=st.integers(1, 200))
def test_each_text_is_in_one_batch_within_the_budget(lengths: list[int], budget: int) -> None:
    """A text would be lost or scored twice, or the device run out of memory."""
    found = list(batches(lengths, budget))
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    for batch in found:
        padded = max(lengths[index] for index in batch) * len(batch)
        assert padded <= budget or len(batch) == 1


@pytest.mark.property
@given(lengths=LENGTHS, budget=st.integers(1, 200))
def test_results_come_back_in_order(lengths: list[int], budget: int) -> None:
    """An article would get its neighbour's sentiment."""
    items = [f"text {index}" for index in range(len(lengths))]
    done = in_batches(items, lengths, budget, lambda batch: [text.upper() for text in batch])()
    assert done == [text.upper() for text in items]


def test_similar_lengths_share_a_batch() -> None:
    """Padding short texts to the longest would cost most of the device's time."""
    lengths = [100, 1] * 50
    cost = sum(max(lengths[i] for i in b) * len(b) for b in batches(lengths, 1_000))
    assert cost <= 1.2 * sum(lengths)


def test_an_answer_too_few_is_an_error() -> None:
    """A model that drops a text would shift the others' scores in silence."""
    with pytest.raises(ValueError, match="shorter"):
        in_batches(["a", "b"], [1, 1], 10, lambda batch: batch[1:])()
