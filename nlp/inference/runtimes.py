"""The registry of runtimes: which library runs a model."""

from pathlib import Path
from typing import TYPE_CHECKING

from nlp.inference.runtime import Runtime
from nlp.optional import require
from nlp.settings import ModelSettings

if TYPE_CHECKING:
    from nlp.inference.torch_runtime import TorchRuntime


def runtime_for(folder: Path, settings: ModelSettings) -> Runtime:  # noqa: ARG001 - see below
    """Return the runtime that reads the model in ``folder``.

    There is one so far. Another one is registered here, by a file that only its models have, such
    as ``(folder / "model.onnx").is_file()``; its module is imported in that branch.

    Raises:
        ModelMissing: the runtime's library is not installed, or lacks the device or the precision
            that the settings ask for.
    """
    return torch_runtime(settings)


def torch_runtime(settings: ModelSettings) -> "TorchRuntime":
    """Import PyTorch and set it up as the settings ask for.

    Raises:
        ModelMissing: PyTorch is not installed, or this machine has no such device.
    """
    require("torch")
    from nlp.inference.torch_runtime import TorchRuntime

    return TorchRuntime.start(settings)
