"""Several processes that train one model: what `torchrun` starts."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import torch
from torch import distributed, nn

T = TypeVar("T")


class Ranks(NamedTuple):
    """This process among those that train together; alone it is the first of one."""

    rank: int = 0
    world: int = 1
    local: int = 0

    @property
    def leads(self) -> bool:
        """Whether it is this one that writes files and says things."""
        return self.rank == 0

    def share(self, batches: Sequence[T]) -> Sequence[T]:
        """This process's part of ``batches``; all get equally many, so none waits for ever."""
        usable = len(batches) // self.world * self.world
        return batches[: usable or len(batches)][self.rank :: self.world]

    def wrap(self, model: nn.Module) -> nn.Module:
        """``model`` with gradients averaged over all processes."""
        if self.world == 1:
            return model
        return nn.parallel.DistributedDataParallel(model)

    def total(self, value: float) -> float:
        """Sum of ``value`` over all processes."""
        if self.world == 1:
            return value
        summed = torch.tensor(value, dtype=torch.float64)
        distributed.all_reduce(summed)
        return float(summed)


@contextmanager
def joined() -> Iterator[Ranks]:
    """The processes that `torchrun` has started, if it has; it says so in the environment."""
    if not distributed.is_torchelastic_launched():
        yield Ranks()
        return
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        local = int(os.environ.get("LOCAL_RANK", "0"))
        yield Ranks(distributed.get_rank(), distributed.get_world_size(), local)
    finally:
        distributed.destroy_process_group()
