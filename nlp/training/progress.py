"""Reports of a training run while it runs."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from nlp.metrics import Metrics
from nlp.tasks import Task


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

    def start_scored(self, model: str, scores: Mapping[Task, Metrics]) -> None:
        """Report what the model that training starts from scores on the held-out texts."""

    def result_scored(self, scores: Mapping[Task, Metrics]) -> None:
        """Report what the trained model scores on the same texts."""

    def run_started(self, steps: int, done: int) -> None:
        """Report a run of ``steps``, of which an interrupted run before it did ``done``."""

    def step_finished(self, loss: float, rate: float) -> None:
        """Report the mean loss of a step and its learning rate."""

    def epoch_finished(self, epoch: EpochResult) -> None:
        """Report an epoch."""
