"""Batches side by side on a CPU."""

import threading

import pytest

from nlp.inference.single_core_pool import SingleCorePool
from nlp.transformer.encoder import library

pytestmark = pytest.mark.model


def test_lanes_share_the_cores_and_leave_the_rest_of_torch_alone() -> None:
    """Lanes of two cores each would wait for one another; training later would use one core."""
    torch = library("torch")
    before = torch.get_num_threads()
    lanes = SingleCorePool(torch, 3)
    together = threading.Barrier(3)

    def cores(_: int) -> int:
        together.wait(10)
        torch.ones(4).sum()
        return int(torch.get_num_threads())

    assert list(lanes.map(cores, range(3))) == [1, 1, 1]
    assert torch.get_num_threads() == before


def test_results_of_lanes_are_in_order_and_a_failure_is_raised() -> None:
    """An article would get another's sentiment, or a batch that failed would pass for scored."""
    lanes = SingleCorePool(library("torch"), 2)
    assert list(lanes.map(lambda it: it + 1, range(50))) == list(range(1, 51))
    with pytest.raises(ZeroDivisionError):
        list(lanes.map(lambda it: 1 // it, [1, 0, 1]))
