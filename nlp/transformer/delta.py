"""How an encoder that was trained whole differs from the package's, in a fifth of the bytes.

Fine-tuning moves each weight by little, so the changes are stored, not the weights, in whole steps
of one size for all: where little changed little is stored (uniform steps under an entropy code are
within a quarter of a bit a weight of what is possible at all; Gray & Neuhoff 1998, section II-C).
Biases and norms, one weight in three hundred, are stored as they are, in half precision.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from nlp.transformer.compression import deflated, inflated

_STEP: Final = "step"
_MOST: Final = 127


def encoded(changed: nn.Module, base: nn.Module, step: float) -> dict[str, Tensor]:
    """What is stored of the weights of ``changed`` that training may change.

    With a ``step`` of 0 changes are stored as they are, in half precision.
    """
    before = dict(base.named_parameters())
    found = {_STEP: torch.tensor(step)}
    for name, value in changed.named_parameters():
        if value.requires_grad:
            change = value.detach().cpu().float() - before[name].detach()
            coarse = step and change.dim() > 1
            found[name] = _steps(change, step) if coarse else change.half()
    return found


def add(encoder: nn.Module, stored: Mapping[str, Tensor]) -> None:
    """Change the weights of ``encoder``, in place, as ``stored`` says.

    Raises:
        KeyError: it says so of weights that the encoder has not.
        ValueError: what it says is damaged.
    """
    parts, step = dict(stored), float(stored[_STEP])
    del parts[_STEP]
    weights = dict(encoder.named_parameters())
    with torch.no_grad():
        for name, part in parts.items():
            weights[name].add_(_change(part, step, tuple(weights[name].shape)))


def settle(changed: nn.Module, base: nn.Module, step: float) -> None:
    """Put into ``changed`` the weights that a reader of what is stored of it would have."""
    stored = encoded(changed, base, step)
    add(base, stored)
    target = dict(changed.named_parameters())
    with torch.no_grad():
        for name, value in base.named_parameters():
            if name in stored:
                target[name].copy_(value)


def _steps(change: Tensor, step: float) -> Tensor:
    steps = (change / step).round().clamp(-_MOST, _MOST).to(torch.int8)
    return torch.from_numpy(deflated(steps.numpy()).copy())


def _change(part: Tensor, step: float, shape: tuple[int, ...]) -> Tensor:
    if part.dtype == torch.uint8:
        return torch.from_numpy(inflated(part.numpy(), shape).astype(np.float32)) * step
    if tuple(part.shape) != shape:
        raise ValueError(f"a change of shape {tuple(part.shape)} does not fit {shape}")
    return part.float()
