"""AdamW with a learning rate for each part of a model."""

import re
from typing import Final

from torch import Tensor, nn
from torch.optim import AdamW

from nlp.training.recipe import Recipe

_LAYER: Final = re.compile(r"encoder\.encoder\.layer\.(\d+)\.")


def build_optimizer(model: nn.Module, recipe: Recipe) -> AdamW:
    """Return an optimizer of the trainable weights; each group's ``peak`` is its highest rate.

    In a full fine-tune a lower layer learns more slowly than the one above, because its knowledge
    of the language is more general (Howard & Ruder 2018, section 3.2).
    """
    trainable = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
    top_layer = max((_layer(name) for name, _ in trainable), default=0)

    tensors_by_rate: dict[float, list[Tensor]] = {}
    for name, value in trainable:
        if not name.startswith("encoder."):
            peak = recipe.head_rate or recipe.rate
        elif recipe.method == "lora":
            peak = recipe.rate
        else:
            peak = recipe.encoder_rate * recipe.layer_decay ** (top_layer - _layer(name))
        tensors_by_rate.setdefault(peak, []).append(value)
    groups = [
        {"params": tensors, "lr": peak, "peak": peak} for peak, tensors in tensors_by_rate.items()
    ]
    return AdamW(groups, weight_decay=recipe.weight_decay)


def _layer(name: str) -> int:
    """Return the number of the encoder layer that a parameter belongs to, or 0.

    MPNet's biases of relative positions, which all layers share, learn like the lowest layer.
    """
    match = _LAYER.match(name)
    return int(match[1]) if match else 0
