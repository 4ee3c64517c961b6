"""Reports of a training run while it runs."""

from typing import NamedTuple, Protocol


class EpochResult(NamedTuple):
    """An epoch that has ended. Its fields are those of the training log.

    Attributes:
        number: counted from 1.
        loss: mean over the epoch's steps.
        held_out: macro F1 of each task on the held-out texts.
        seconds: how long it took.
        best: whether its weights are the best so far.
    """

    number: int
    loss: float
    held_out: dict[str, float]
    seconds: float
    best: bool


class ProgressListener(Protocol):
    """Receives the reports of a training run."""

    def run_started(self, steps: int, done: int) -> None:
        """Report a run of ``steps``, of which an interrupted run before it did ``done``."""

    def step_finished(self, loss: float, rate: float) -> None:
        """Report the mean loss of a step and its learning rate."""

    def epoch_finished(self, epoch: EpochResult) -> None:
        """Report an epoch."""
