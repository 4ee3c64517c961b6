"""Tokenized examples, and the batches of tensors that are made of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any, Final, NamedTuple, Self

import torch
from torch import Tensor

from nlp.tasks import HEADS, Head
from nlp.training.examples import TAUGHT, UNKNOWN, Example, epoch_batches
from nlp.transformer.tokenize import CUT, question

_NOTHING_TAUGHT: Final = (nan,) * TAUGHT


class Batch(NamedTuple):
    """Padded texts and their labels.

    Attributes:
        inputs: arguments of the encoder, each (texts, tokens).
        labels: for each head, class indices or `UNKNOWN`, (texts,).
        taught: a teacher's answers (`nlp.training.examples.TAUGHT`), (texts, numbers); NaN for
            texts without one.
    """

    inputs: dict[str, Tensor]
    labels: dict[Head, Tensor]
    taught: Tensor

    def to(self, device: str) -> "Batch":
        """Return the batch on ``device``."""
        inputs = {
            name: tensor.to(device, non_blocking=True) for name, tensor in self.inputs.items()
        }
        labels = {head: tensor.to(device) for head, tensor in self.labels.items()}
        return Batch(inputs, labels, self.taught.to(device))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Tokenized examples. A batch is named by the indices of its examples.

    Attributes:
        examples: the texts and their labels.
        token_ids: the tokens of each text.
        tokenizer: the transformers tokenizer that made them, which also pads.
    """

    examples: Sequence[Example]
    token_ids: Sequence[list[int]]
    tokenizer: Any

    @classmethod
    def tokenize(cls, tokenizer: Any, examples: Sequence[Example], max_tokens: int) -> Self:
        """Return a corpus of ``examples``, each cut after ``max_tokens`` tokens."""
        questions = [question(example.text, example.subject) for example in examples]
        backend = tokenizer.backend_tokenizer
        backend.no_padding()
        backend.enable_truncation(max_tokens, strategy=CUT)
        token_ids = [encoding.ids for encoding in backend.encode_batch_fast(questions)]
        return cls(examples, token_ids, tokenizer)

    def epoch_batches(self, size: int, seed: int) -> list[list[int]]:
        """Return the batches of one epoch; see `nlp.training.examples.epoch_batches`."""
        return epoch_batches([len(tokens) for tokens in self.token_ids], size, seed)

    def batches_by_length(self, size: int) -> list[list[int]]:
        """Return batches of all examples, from the shortest text to the longest."""
        order = sorted(range(len(self.token_ids)), key=lambda index: len(self.token_ids[index]))
        return [order[start : start + size] for start in range(0, len(order), size)]

    def load(self, batches: Sequence[Sequence[int]]) -> Iterator[Batch]:
        """Yield the tensors of each of ``batches``, padded to its longest text."""
        for indices in batches:
            padded = self.tokenizer.pad(
                {"input_ids": [self.token_ids[index] for index in indices]}, return_tensors="pt"
            )
            labels = {head: self.labels(head, indices) for head in HEADS}
            taught = [self.examples[index].taught or _NOTHING_TAUGHT for index in indices]
            yield Batch(dict(padded), labels, torch.tensor(taught))

    def labels(self, head: Head, indices: Sequence[int] | None = None) -> Tensor:
        """Return the label, or `UNKNOWN`, of the examples at ``indices``, by default of all."""
        chosen = range(len(self.examples)) if indices is None else indices
        return torch.tensor([self.examples[index].labels.get(head, UNKNOWN) for index in chosen])
