"""What a training run tells while it runs."""

from typing import NamedTuple, Protocol


class Epoch(NamedTuple):
    """An epoch that has ended: mean loss, and macro F1 of each task on the held-out texts."""

    number: int
    loss: float
    held_out: dict[str, float]
    seconds: float
    best: bool


class Progress(Protocol):
    """Who is told."""

    def begin(self, steps: int, done: int) -> None:
        """There will be ``steps``, of which ``done`` were done by an earlier, interrupted run."""

    def step(self, loss: float, rate: float) -> None:
        """A step was made."""

    def epoch(self, epoch: Epoch) -> None:
        """An epoch has ended."""


class Silent:
    """Nobody."""

    def begin(self, steps: int, done: int) -> None:
        """Nothing."""

    def step(self, loss: float, rate: float) -> None:
        """Nothing."""

    def epoch(self, epoch: Epoch) -> None:
        """Nothing."""
