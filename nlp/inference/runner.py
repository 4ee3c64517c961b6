"""What every transformer does around its forward pass."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any, Final, TypeVar

from nlp.classifier import ModelError
from nlp.inference.batching import in_batches
from nlp.inference.oom_halving import halve_on_oom
from nlp.inference.single_core_pool import SingleCorePool
from nlp.settings import ModelSettings

T = TypeVar("T")
R = TypeVar("R")

CPU_TOKENS: Final = 512
"""Of a batch on a CPU. Activations of larger ones leave the cores' caches: with 1 024 int8 loses a
third of its speed, and bf16, which is as fast with either, half with 16 384 (22 M parameters)."""
DEVICE_TOKENS: Final = 16_384


class BatchRunner:
    """Forward passes on one device: in batches of similar length, several at once on a CPU."""

    def __init__(self, torch: Any, device: str, settings: ModelSettings) -> None:
        cpu = device == "cpu"
        if cpu and settings.threads:
            torch.set_num_threads(settings.threads)
        many = cpu and not settings.compile  # what is compiled has threads of its own
        self._budget = settings.batch_tokens or (CPU_TOKENS if cpu else DEVICE_TOKENS)
        self._lanes = SingleCorePool(torch, torch.get_num_threads() if many else 1)
        self._too_much = torch.OutOfMemoryError

    def run(
        self, items: Sequence[T], lengths: Sequence[int], forward: Callable[[Sequence[T]], list[R]]
    ) -> list[R]:
        """Results of ``forward`` in the items' order; a batch too large is halved.

        Raises:
            OutOfMemory: one item alone does not fit the device.
        """
        return self.begin(items, lengths, forward)()

    def begin(
        self, items: Sequence[T], lengths: Sequence[int], forward: Callable[[Sequence[T]], list[R]]
    ) -> Callable[[], list[R]]:
        """As `run`, but for the waiting: lanes are at it, and what is returned waits for them."""

        def whole(batch: Sequence[T]) -> list[R]:
            return halve_on_oom(forward, batch, self._too_much)

        # A few texts in one batch would keep one lane busy and the others idle.
        budget = min(self._budget, ceil(sum(lengths) / self._lanes.count))
        return in_batches(items, lengths, budget, whole, self._lanes.map)


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
