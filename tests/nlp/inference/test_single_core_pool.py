"""Batches side by side on a CPU."""

import threading

import pytest

from nlp.inference.runtimes import torch_runtime
from nlp.inference.single_core_pool import SingleCorePool
from nlp.settings import ModelSettings

pytestmark = pytest.mark.model
CPU = ModelSettings(device="cpu")


def test_threads_share_the_cores_and_leave_the_rest_of_torch_alone() -> None:
    """Threads with two cores each would wait for one another; training later would use one core."""
    import torch

    before = torch.get_num_threads()
    pool = SingleCorePool(torch_runtime(CPU), 3)
    together = threading.Barrier(3)

    def cores(_: int) -> int:
        together.wait(10)
        torch.ones(4).sum()
        return torch.get_num_threads()

    assert list(pool.map(cores, range(3))) == [1, 1, 1]
    assert torch.get_num_threads() == before


def test_results_are_in_order_and_a_failure_is_raised() -> None:
    """An article would get another's sentiment, or a batch that failed would pass for scored."""
    pool = SingleCorePool(torch_runtime(CPU), 2)
    assert list(pool.map(lambda number: number + 1, range(50))) == list(range(1, 51))
    with pytest.raises(ZeroDivisionError):
        list(pool.map(lambda number: 1 // number, [1, 0, 1]))
