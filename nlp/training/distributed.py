"""Data-parallel training by several processes that `torchrun` starts."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple, TypeVar

import torch
from torch import distributed, nn

T = TypeVar("T")


class ProcessRank(NamedTuple):
    """This process among those that train one model; by default it is the only one.

    Attributes:
        rank: its number among all processes.
        world_size: how many processes there are.
        local_rank: its number among the processes of this machine, and that of its GPU.
    """

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0

    @property
    def is_leader(self) -> bool:
        """Return whether this is the process that writes files and reports progress."""
        return self.rank == 0

    def shard(self, batches: Sequence[T]) -> Sequence[T]:
        """Return this process's batches. All get equally many, so that none waits for ever."""
        usable = len(batches) // self.world_size * self.world_size
        return batches[: usable or len(batches)][self.rank :: self.world_size]

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return ``model`` such that its gradients are averaged over all processes."""
        if self.world_size == 1:
            return model
        return nn.parallel.DistributedDataParallel(model)

    def sum_over_processes(self, value: float) -> float:
        """Return the sum of ``value`` over all processes."""
        if self.world_size == 1:
            return value
        summed = torch.tensor(value, dtype=torch.float64)
        distributed.all_reduce(summed)
        return float(summed)


ALONE: Final = ProcessRank()
"""The rank of a process that trains without others."""


@contextmanager
def process_group() -> Iterator[ProcessRank]:
    """Join the processes that `torchrun` started, if it did, and leave them in the end."""
    if not distributed.is_torchelastic_launched():
        yield ALONE
        return
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        local_rank = int(os.environ.get("LOCAL_RANK", "0"))
        yield ProcessRank(distributed.get_rank(), distributed.get_world_size(), local_rank)
    finally:
        distributed.destroy_process_group()
