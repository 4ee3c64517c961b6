"""Examples as tensors."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from nlp.tasks import TASKS, Task
from nlp.training.examples import UNKNOWN, Example, deal


class Batch(NamedTuple):
    """Inputs of the encoder and, for each task, a label a text."""

    inputs: dict[str, Tensor]
    labels: dict[Task, Tensor]

    def to(self, device: str) -> "Batch":
        """The same, on ``device``."""
        inputs = {name: value.to(device, non_blocking=True) for name, value in self.inputs.items()}
        return Batch(inputs, {task: of.to(device) for task, of in self.labels.items()})


class Corpus:
    """Tokenized examples."""

    def __init__(self, tokenizer: Any, found: Sequence[Example], max_tokens: int) -> None:
        texts = [one.text for one in found]
        self.examples = found
        self._tokenizer = tokenizer
        encoded = tokenizer(texts, truncation=True, max_length=max_tokens)
        self._ids: list[list[int]] = encoded["input_ids"]
        self.lengths = [len(ids) for ids in self._ids]

    def dealt(self, size: int, seed: int) -> list[list[int]]:
        """Batches of indices, as `deal` gives them."""
        return deal(self.lengths, size, seed)

    def in_order(self, size: int) -> list[list[int]]:
        """Batches of indices of texts sorted by length."""
        order = sorted(range(len(self.lengths)), key=lambda index: self.lengths[index])
        return [order[at : at + size] for at in range(0, len(order), size)]

    def batches(self, dealt: Sequence[Sequence[int]]) -> Iterator[Batch]:
        """The batches of ``dealt``, padded."""
        for indices in dealt:
            padded = self._tokenizer.pad(
                {"input_ids": [self._ids[index] for index in indices]}, return_tensors="pt"
            )
            yield Batch(dict(padded), {task: self._labels(task, indices) for task in TASKS})

    def labels(self, task: Task) -> Tensor:
        """The label of every text, or `UNKNOWN`."""
        return self._labels(task, range(len(self.examples)))

    def _labels(self, task: Task, indices: Sequence[int]) -> Tensor:
        return torch.tensor([self.examples[index].labels.get(task, UNKNOWN) for index in indices])
