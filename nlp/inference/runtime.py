"""The two protocols of a library that runs models, such as PyTorch."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TokenIds = Sequence[int]
"""Token ids of one window of a text, with the tokenizer's special tokens, without padding."""
Row: TypeAlias = "NDArray[np.float32]"
"""Logits of one window: (sentiments and topics), in the order of `nlp.tasks.LABELS`."""
Matrix: TypeAlias = "NDArray[np.float64]"
"""Numbers of several texts: (texts, classes)."""


class LoadedModel(Protocol):
    """A model in the memory of a runtime's device."""

    def forward(self, batch: Sequence[TokenIds]) -> Sequence[Row]:
        """Return the logits of each window, in order.

        A window's logits do not depend on the other windows of the batch beyond rounding: the
        runtime pads the batch and masks the padding. Several threads call this at the same time
        if `Runtime.parallel_batches` is more than 1.
        """
        ...


class Runtime(Protocol):
    """A library that computes a model's forward pass on one device.

    Attributes:
        name: the library, such as ``torch``.
        device: where it computes, such as ``cpu`` or ``cuda:0``.
        dtype: the precision, such as ``fp32``, ``bf16`` or ``int8``.
        cores: processor cores that the library uses in the calling thread.
        parallel_batches: batches that run at the same time, each in a thread with one core. 1 if
            one batch uses the whole device.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see Attributes
    @property
    def device(self) -> str: ...  # noqa: D102 - see Attributes
    @property
    def dtype(self) -> str: ...  # noqa: D102 - see Attributes
    @property
    def cores(self) -> int: ...  # noqa: D102 - see Attributes
    @property
    def parallel_batches(self) -> int: ...  # noqa: D102 - see Attributes

    def load(self, folder: Path) -> LoadedModel:
        """Load the model that ``folder`` holds onto the device.

        Raises:
            ModelMissing: a file is missing or damaged.
        """
        ...

    def use_cores(self, count: int) -> None:
        """Limit the library to ``count`` cores in the calling thread."""
        ...

    def is_out_of_memory(self, error: Exception) -> bool:
        """Return whether a smaller batch may succeed where ``error`` was raised."""
        ...

    def is_device_lost(self, error: Exception) -> bool:
        """Return whether every later call will fail as well, so that the process must end."""
        ...

    def is_device_taken(self) -> bool:
        """Return whether other processes hold most of the device's memory at the moment."""
        ...

    def softmax(self, logits: Matrix) -> Matrix:
        """Return probabilities that sum to 1 in each row.

        This and `sigmoid` are the runtime's because libraries differ in the last bit of ``exp``,
        and a model's scores must stay the same from release to release.
        """
        ...

    def sigmoid(self, logits: Matrix) -> Matrix:
        """Return ``1 / (1 + exp(-logit))`` of each number."""
        ...
