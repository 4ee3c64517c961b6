"""PyTorch as a `Runtime`."""

import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any, ClassVar, Final, Self

import torch
from torch import Tensor, nn

from nlp.classifier import ModelMissing
from nlp.inference.padding import pad, padding_of
from nlp.inference.runtime import Matrix, Row, TokenIds
from nlp.settings import ModelSettings
from nlp.transformer.assemble import assemble
from nlp.transformer.multitask import ConcatenatedTasks

MAX_SHARE_OF_OTHERS: Final = 0.5
"""Share of a card's memory. If other processes hold more, a text that does not fit is not at fault:
one window of the longest texts takes a few gigabytes at most."""
_DEVICE_LOST: Final = getattr(torch, "AcceleratorError", ())
"""The error of a device that fails until the process ends; older versions have no type for it."""


def choose_device(wanted: str) -> str:
    """Return ``wanted``, or for ``auto`` the first of cuda, mps and cpu that this machine has.

    Raises:
        ModelMissing: this machine has no such device.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        return next(device for device in available if available[device])
    if not available[wanted.partition(":")[0]]:
        raise ModelMissing(f"device {wanted} is not available here: choose nlp.device=auto")
    return wanted


def is_bf16_fast(device: str) -> bool:
    """Return whether bfloat16 beats fp32: processors without it emulate it, slowly."""
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported())  # noqa: SLF001 - there is no public way
    return False


def require_compiler(device: str) -> None:
    """Check that the compiler is there that `torch.compile` starts at the first forward pass.

    Raises:
        ModelMissing: it is not; the message says what to do.
    """
    on_mac = sys.platform == "darwin"
    if device == "cpu":
        compilers = [os.environ.get("CXX") or ("clang++" if on_mac else "g++")]
    else:
        compilers = [os.environ["CC"]] if os.environ.get("CC") else ["gcc", "clang", "cc"]
    if not any(which(compiler.split()[0]) for compiler in compilers):
        package = "the command line tools of Xcode" if on_mac else "the package g++"
        raise ModelMissing(
            f"nlp.compile needs a compiler, and there is no {' or '.join(compilers)}: install "
            f"{package}, or set nlp.compile=false"
        )


@dataclass(frozen=True, slots=True)
class TorchRuntime:
    """PyTorch on one device. See `Runtime` for its attributes.

    Attributes:
        compiled: models are compiled with `torch.compile`, whose code has threads of its own.
    """

    name: ClassVar[str] = "torch"
    device: str
    dtype: str
    compiled: bool = False

    @classmethod
    def start(cls, settings: ModelSettings) -> Self:
        """Choose device and precision, and limit PyTorch to the threads in the settings.

        Raises:
            ModelMissing: this machine has no such device, or no compiler if one is needed.
        """
        device = choose_device(settings.device)
        if settings.compile:
            require_compiler(device)
        if device == "cpu" and settings.threads:
            torch.set_num_threads(settings.threads)
        dtype: str = settings.dtype
        if dtype == "auto":
            # On a CPU bf16 changes the topics of more than one headline in two hundred.
            dtype = "bf16" if device != "cpu" and is_bf16_fast(device) else "fp32"
        return cls(device, dtype, settings.compile)

    @property
    def cores(self) -> int:
        """Return the number of cores that an operation in this thread uses."""
        return torch.get_num_threads()

    @property
    def parallel_batches(self) -> int:
        """Return one batch a core on a CPU."""
        return self.cores if self.device == "cpu" and not self.compiled else 1

    def use_cores(self, count: int) -> None:
        """Limit PyTorch to ``count`` cores in the calling thread."""
        # Without this call the first operation would reset the thread to the global number.
        torch.get_num_threads()
        torch.set_num_threads(count)

    def load(self, folder: Path) -> "TorchModel":
        """Load a model that newsquake trained.

        Raises:
            ModelMissing: a file is missing or damaged, or this machine can't do the precision.
        """
        return TorchModel(self.prepare(assemble(folder)), self)

    def prepare(self, module: nn.Module) -> nn.Module:
        """Return ``module`` on the device, in the precision, and compiled if that is asked for.

        Raises:
            ModelMissing: int8 is asked for where there is no such arithmetic.
        """
        if self.dtype == "int8":
            if self.device != "cpu":
                raise ModelMissing("nlp.dtype int8 is for CPUs: choose bf16 or auto")
            if "onednn" not in torch.backends.quantized.supported_engines:
                raise ModelMissing(
                    "nlp.dtype int8 needs oneDNN, which this torch lacks: choose auto"
                )
            from nlp.inference.int8 import quantize

            module = quantize(module)
        elif self.dtype == "bf16":
            module = module.to(torch.bfloat16)
        module = module.to(self.device)
        if not self.compiled:
            return module
        compiled: nn.Module = torch.compile(module, dynamic=True)  # type: ignore[assignment]  # it wraps a module in a module
        return compiled

    def run(self, module: nn.Module, *args: Tensor, **kwargs: Tensor) -> Any:
        """Call ``module`` without recording gradients. The result is what the module returns."""
        with torch.inference_mode():
            return module(*args, **kwargs)

    def is_out_of_memory(self, error: Exception) -> bool:
        """Return whether the device, or its allocator, has no memory left."""
        return isinstance(error, torch.OutOfMemoryError)

    def is_device_lost(self, error: Exception) -> bool:
        """Return whether the accelerator is in an error that lasts until the process ends."""
        return isinstance(error, _DEVICE_LOST)

    def is_device_taken(self) -> bool:
        """Return whether other processes hold more than half of a graphics card's memory."""
        if not self.device.startswith("cuda"):
            return False
        free, total = torch.cuda.mem_get_info(self.device)
        others = total - free - torch.cuda.memory_reserved(self.device)
        return others > MAX_SHARE_OF_OTHERS * total

    def softmax(self, logits: Matrix) -> Matrix:
        """Return probabilities that sum to 1 in each row."""
        probabilities: Matrix = torch.from_numpy(logits).softmax(dim=1).numpy()
        return probabilities

    def sigmoid(self, logits: Matrix) -> Matrix:
        """Return the logistic function of each number."""
        probabilities: Matrix = torch.from_numpy(logits).sigmoid().numpy()
        return probabilities


class TorchModel:
    """A model of newsquake's own on a device.

    Attributes:
        module: the model with one head a task, whose gradients explain a text.
        rows: the same model with the logits of all tasks side by side, (batch, classes). On a CPU
            it is TorchScript.
    """

    def __init__(self, module: nn.Module, runtime: TorchRuntime) -> None:
        self._device, self._padding = runtime.device, padding_of(module.encoder)
        self.module = module
        example = [[self._padding + 1] * 3]
        self.rows: nn.Module = ConcatenatedTasks(module)
        # oneDNN's packed weights for int8 can't be traced.
        if runtime.device == "cpu" and runtime.dtype != "int8" and not runtime.compiled:
            self.rows = trace(self.rows, *pad(example, self._padding, self._device))
        if runtime.compiled:
            try:
                self.forward(example)
            except Exception as error:
                raise ModelMissing(compile_problem(error)) from error

    def forward(self, batch: Sequence[TokenIds]) -> list[Row]:
        """Return the logits of each window, on the CPU."""
        with torch.inference_mode():
            rows = self.rows(*pad(batch, self._padding, self._device)).cpu()
        return list(rows.numpy())


def compile_problem(error: Exception) -> str:
    """Return the sentence about a model that can't be compiled, with the remedy."""
    first, *others = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    # The compiler's own line stands below the command with which it was started.
    cause = next((line for line in others if "error:" in line.lower()), first)
    return f"nlp.compile failed: {cause}; set nlp.compile=false to run the model as it is"


def trace(module: nn.Module, *example: Tensor) -> nn.Module:
    """Return ``module`` as TorchScript, for inputs of any size; ``example`` is one input.

    In eager mode a thread asks for Python's interpreter lock after each of some two hundred
    operations. Several threads with a batch each, and the thread that handles articles beside
    them, would wait for one another. A traced module takes the lock once a batch. Its operations
    are the same, and so are its answers.

    PyTorch advises to compile or to export instead. Compiling takes half a minute at each start; an
    exported module is run by the interpreter, operation by operation.
    """
    with warnings.catch_warnings(), torch.inference_mode():
        # It warns that it is deprecated, and that each Python "if" is decided once.
        warnings.simplefilter("ignore")
        traced: nn.Module = torch.jit.trace(module, example, check_trace=False)  # type: ignore[no-untyped-call]  # PyTorch's own
        return traced
