"""Forward passes over many texts, whatever the runtime."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Final, TypeVar

from nlp.classifier import DeviceLost, ModelBusy, ModelError, OutOfMemory
from nlp.inference.batching import halve_on_oom, in_batches
from nlp.inference.meter import METER
from nlp.inference.runtime import Runtime
from nlp.inference.single_core_pool import SingleCorePool

T = TypeVar("T")
R = TypeVar("R")

CPU_BATCH_TOKENS: Final = 512
"""Tokens in a batch on a CPU. Activations of larger batches leave the cores' caches: with 1 024
tokens int8 loses a third of its speed; bf16, which is as fast with either, loses half with 16 384
(22 M parameters)."""
DEVICE_BATCH_TOKENS: Final = 16_384
"""Tokens in a batch on any other device."""


class BatchRunner:
    """Forward passes on one device: in batches of similar length, several at once on a CPU."""

    def __init__(self, runtime: Runtime, batch_tokens: int = 0) -> None:
        """``batch_tokens`` bounds a batch, padding included; 0 chooses by the device."""
        default = CPU_BATCH_TOKENS if runtime.device == "cpu" else DEVICE_BATCH_TOKENS
        self._runtime = runtime
        self._budget = batch_tokens or default
        self._pool = SingleCorePool(runtime, runtime.parallel_batches)

    def run(
        self,
        items: Sequence[T],
        lengths: Sequence[int],
        forward: Callable[[Sequence[T]], Sequence[R]],
    ) -> list[R]:
        """Return the results of ``forward`` in the order of the items.

        Raises:
            OutOfMemory: a single item does not fit the device.
        """
        return self.begin(items, lengths, forward)()

    def begin(
        self,
        items: Sequence[T],
        lengths: Sequence[int],
        forward: Callable[[Sequence[T]], Sequence[R]],
    ) -> Callable[[], list[R]]:
        """Submit all batches and return a function that blocks until the results are there.

        A batch that is too large for the device is halved. The returned function raises
        `OutOfMemory` if a single item does not fit.
        """

        def run_batch(batch: Sequence[int]) -> list[R]:
            METER.batch(len(batch) * max(lengths[index] for index in batch))
            with METER.phase("forward"):
                chosen = [items[index] for index in batch]
                return halve_on_oom(forward, chosen, self._runtime.is_out_of_memory)

        # A few texts in one batch would keep one core busy and the others idle.
        budget = min(self._budget, ceil(sum(lengths) / self._pool.count))
        return in_batches(range(len(items)), lengths, budget, run_batch, self._pool.map)


@contextmanager
def failures_as_model_errors(runtime: Runtime) -> Iterator[None]:
    """Turn every failure of a batch into a `ModelError`, so that the batch can be bisected.

    Two kinds of failure are not a text's fault: a lost device stays lost until the process ends;
    and a device whose memory other processes hold is busy.

    Raises:
        ModelBusy: a single text does not fit because other processes hold the device's memory.
        DeviceLost: the device fails until the process ends.
        ModelError: anything else went wrong.
    """
    try:
        yield
    except OutOfMemory as error:
        if runtime.is_device_taken():
            raise ModelBusy(f"other processes hold the memory of {runtime.device}") from error
        raise
    except (ModelError, ModelBusy, DeviceLost):
        raise
    except Exception as error:
        if runtime.is_device_lost(error):
            raise DeviceLost(
                f"the device {runtime.device} is lost ({type(error).__name__}: {error}): starting "
                "again gets it back, or says what is wrong with it"
            ) from error
        raise ModelError(f"{type(error).__name__}: {error}") from error
