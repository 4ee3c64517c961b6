"""The registry of runtimes: which library runs a model."""

import platform
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nlp.inference.runtime import Runtime
from nlp.optional import require
from nlp.settings import ModelSettings

if TYPE_CHECKING:
    from nlp.inference.openvino_runtime import OpenVinoRuntime
    from nlp.inference.torch_runtime import TorchRuntime

CARDS: Final = tuple(map(Path, ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")))
"""Files of the drivers of graphics cards: NVIDIA's, Windows' for its Linux, and AMD's."""


def runtime_for(folder: Path, settings: ModelSettings) -> Runtime:  # noqa: ARG001 - see below
    """Return the runtime that reads the model in ``folder``.

    Both there are read the same files. Another one is registered here, by a setting or by a file
    that only its models have, such as ``(folder / "model.gguf").is_file()``; its module is imported
    in that branch.

    Raises:
        ModelMissing: the runtime's library is not installed, or lacks the device or the precision
            that the settings ask for.
    """
    return torch_runtime(settings) if needs_torch(settings) else openvino_runtime(settings)


def needs_torch(settings: ModelSettings) -> bool:
    """Return whether PyTorch runs newsquake's own models, and not OpenVINO.

    That is so on a graphics card, and for what OpenVINO can't do. Neither library is imported:
    PyTorch takes seconds and hundreds of megabytes.
    """
    if settings.runtime != "auto":
        return settings.runtime == "torch"
    if settings.compile or settings.dtype == "int8" or settings.device not in {"auto", "cpu"}:
        return True
    has_torch, has_openvino = (bool(find_spec(name)) for name in ("torch", "openvino"))
    return has_torch and (not has_openvino or (settings.device == "auto" and has_card()))


def has_card() -> bool:
    """Return whether this machine seems to have a graphics card that PyTorch can use."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    return sys.platform == "win32" or any(card.exists() for card in CARDS)


def openvino_runtime(settings: ModelSettings) -> "OpenVinoRuntime":
    """Import OpenVINO and set it up as the settings ask for.

    Raises:
        ModelMissing: OpenVINO is not installed, or does not offer what the settings ask for.
    """
    require("openvino", by="nlp.inference.openvino_library")
    from nlp.inference.openvino_runtime import OpenVinoRuntime

    return OpenVinoRuntime.start(settings)


def torch_runtime(settings: ModelSettings) -> "TorchRuntime":
    """Import PyTorch and set it up as the settings ask for.

    Raises:
        ModelMissing: PyTorch is not installed, or this machine has no such device.
    """
    require("torch")
    from nlp.inference.torch_runtime import TorchRuntime

    return TorchRuntime.start(settings)
