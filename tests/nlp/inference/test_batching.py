"""Batches under a token budget."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.classifier import OutOfMemory
from nlp.inference.batching import batches, halve_on_oom, in_batches

LENGTHS = st.lists(st.integers(0, 50), max_size=60)


@pytest.mark.property
@given(lengths=LENGTHS, budget=st.integers(1, 200))
def test_each_text_is_in_one_batch_within_the_budget(lengths: list[int], budget: int) -> None:
    """A text would be lost or scored twice, or the device run out of memory."""
    planned = list(batches(lengths, budget))
    assert sorted(index for batch in planned for index in batch) == list(range(len(lengths)))
    for batch in planned:
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
    cost = sum(
        max(lengths[index] for index in batch) * len(batch) for batch in batches(lengths, 1_000)
    )
    assert cost <= 1.2 * sum(lengths)


def test_an_answer_too_few_is_an_error() -> None:
    """A model that drops a text would shift the others' scores in silence."""
    with pytest.raises(ValueError, match="shorter"):
        in_batches(["a", "b"], [1, 1], 10, lambda batch: batch[1:])()


class TooMuchError(Exception):
    """The device has no memory left."""


def is_too_much(error: Exception) -> bool:
    """Tell the error of a full device from any other."""
    return isinstance(error, TooMuchError)


def test_a_batch_that_does_not_fit_is_halved() -> None:
    """A full graphics card would end the worker instead of taking a little longer."""

    def at_most_three(batch: Sequence[int]) -> list[int]:
        if len(batch) > 3:
            raise TooMuchError
        return [2 * item for item in batch]

    doubled = halve_on_oom(at_most_three, list(range(10)), is_too_much)
    assert doubled == [2 * item for item in range(10)]


def test_a_text_that_does_not_fit_alone_is_out_of_memory() -> None:
    """Halving would go on for ever, or the text could not be told from a failing model."""

    def never(_: object) -> list[int]:
        raise TooMuchError

    with pytest.raises(OutOfMemory, match="one text does not fit"):
        halve_on_oom(never, [1, 2], is_too_much)


def test_another_failure_is_not_halved() -> None:
    """A model that is broken would be called again and again, once for each half."""
    calls: list[Sequence[int]] = []

    def broken(batch: Sequence[int]) -> list[int]:
        calls.append(batch)
        raise KeyError(len(batch))

    with pytest.raises(KeyError):
        halve_on_oom(broken, [1, 2, 3], is_too_much)
    assert calls == [[1, 2, 3]]
