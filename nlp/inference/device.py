"""Where a model runs, and in which precision."""

from typing import Any

from nlp.classifier import ModelMissing


def choose(torch: Any, wanted: str) -> str:
    """``wanted``, or for ``auto`` the first there is of cuda, mps, cpu.

    Raises:
        ModelMissing: this machine has no such device.
    """
    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(device for device, there in has.items() if there)
    if not has[wanted.partition(":")[0]]:
        raise ModelMissing(f"device {wanted} is not available here: choose nlp.device=auto")
    return wanted


def fast_bf16(torch: Any, device: str) -> bool:
    """Whether bfloat16 is faster than fp32 there: processors without it emulate it, slowly."""
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported())  # noqa: SLF001 - there is no public way
    return False


def precision(torch: Any, device: str, wanted: str) -> str:
    """``wanted``, or for ``auto`` bf16 where it is fast and fp32 elsewhere."""
    if wanted != "auto":
        return wanted
    return "bf16" if fast_bf16(torch, device) else "fp32"


def prepared(torch: Any, model: Any, device: str, dtype: str, *, compiled: bool) -> Any:
    """``model`` on ``device``, in ``dtype``, and compiled where that is asked for.

    Raises:
        ModelMissing: int8 is asked for where there is no such arithmetic.
    """
    if dtype == "int8":
        if device != "cpu":
            raise ModelMissing("nlp.dtype int8 is for CPUs: choose bf16 or auto")
        model = _quantized(torch, model)
    elif dtype == "bf16":
        model = model.to(torch.bfloat16)
    model = model.to(device)
    return torch.compile(model, dynamic=True) if compiled else model


def _quantized(torch: Any, model: Any) -> Any:
    if "onednn" not in torch.backends.quantized.supported_engines:
        raise ModelMissing("nlp.dtype int8 needs oneDNN, which this torch lacks: choose auto")
    from nlp.inference.int8 import eightbit  # noqa: PLC0415 - imports torch

    return eightbit(model)
