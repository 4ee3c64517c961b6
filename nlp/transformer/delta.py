"""The difference of a fully trained encoder from the package's encoder, in a fifth of the bytes.

Fine-tuning moves each weight by little, so the changes are stored, not the weights, as multiples of
one step size: small changes take few bits. (Uniform steps under an entropy code are within a
quarter of a bit a weight of the theoretical limit; Gray & Neuhoff 1998, section II-C.) Biases and
norms, one weight in three hundred, are stored without steps, in half precision.

`nlp.transformer.weights` reads what is written here.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nlp.transformer.compression import deflate
from nlp.transformer.weights import STEP, add_changes

_MAX_STEPS: Final = 127
"""Largest stored change of a weight, in steps: the limit of a signed byte."""


def encode(changed: nn.Module, base: nn.Module, step: float) -> dict[str, Tensor]:
    """Encode how the trainable weights of ``changed`` differ from those of ``base``.

    With a ``step`` of 0 all changes are stored in half precision.
    """
    before = dict(base.named_parameters())
    stored = {STEP: torch.tensor(step)}
    for name, value in changed.named_parameters():
        if not value.requires_grad:
            continue
        change = value.detach().cpu().float() - before[name].detach()
        if step and change.dim() > 1:
            steps = (change / step).round().clamp(-_MAX_STEPS, _MAX_STEPS).to(torch.int8)
            stored[name] = torch.from_numpy(deflate(steps.numpy()).copy())
        else:
            stored[name] = change.half()
    return stored


def shared_arrays(encoder: nn.Module) -> dict[str, NDArray[np.float32]]:
    """Return the weights of an encoder in fp32 on the CPU as arrays on the same memory, by name."""
    return {name: value.detach().numpy() for name, value in encoder.named_parameters()}


def apply(encoder: nn.Module, stored: Mapping[str, Tensor]) -> None:
    """Add the ``stored`` changes to the weights of ``encoder``, in place.

    Raises:
        KeyError: a change is of a weight that the encoder does not have.
        ValueError: a change is damaged, or has another shape than its weight.
    """
    changes: dict[str, NDArray[Any]] = {name: value.numpy() for name, value in stored.items()}
    add_changes(shared_arrays(encoder), changes)


def round_to_stored(changed: nn.Module, base: nn.Module, step: float) -> None:
    """Give ``changed`` the weights that a reader of its stored difference gets, in place.

    ``base`` is changed as well, to the same weights.
    """
    stored = encode(changed, base, step)
    apply(base, stored)
    target = dict(changed.named_parameters())
    with torch.no_grad():
        for name, value in base.named_parameters():
            if name in stored:
                target[name].copy_(value)
