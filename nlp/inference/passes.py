"""What every transformer does around its forward pass."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from nlp.classifier import ModelError
from nlp.inference.batching import in_batches
from nlp.inference.halving import halving

T = TypeVar("T")
R = TypeVar("R")


def in_passes(
    torch: Any,
    items: Sequence[T],
    lengths: Sequence[int],
    budget: int,
    run: Callable[[Sequence[T]], list[R]],
) -> list[R]:
    """Results of ``run`` in the items' order, as `in_batches`; a batch too large is halved.

    Raises:
        OutOfMemory: one item alone does not fit the device.
    """
    too_much = torch.OutOfMemoryError
    return in_batches(items, lengths, budget, lambda batch: halving(run, batch, too_much))


def padded(torch: Any, ids: Sequence[list[int]], device: str) -> dict[str, Any]:
    """BERT's inputs for rows of token ids, on ``device``: ids and mask, (rows, longest)."""
    longest = max(map(len, ids))
    rows = torch.tensor([[*row, *[0] * (longest - len(row))] for row in ids])
    if device.startswith("cuda"):
        rows = rows.pin_memory()
    rows = rows.to(device, non_blocking=True)
    # [PAD] is 0, and no text has it: the tokenizer takes "[PAD]" in a text for one too, which
    # is then not looked at.
    return {"input_ids": rows, "attention_mask": (rows != 0).long()}


@contextmanager
def failures_told(torch: Any) -> Iterator[None]:
    """Whatever goes wrong with a batch is a `ModelError`, so that the batch can be bisected.

    An accelerator in error is none: it stays so until the process ends, and no text is at fault.
    """
    try:
        yield
    except (ModelError, getattr(torch, "AcceleratorError", ModelError)):
        raise
    except Exception as error:
        raise ModelError(f"{type(error).__name__}: {error}") from error
