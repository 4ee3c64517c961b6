"""AdamW, with a learning rate for each part of a model."""

import re
from typing import Final

from torch import Tensor, nn
from torch.optim import AdamW

from nlp.training.recipe import Recipe

_LAYER: Final = re.compile(r"encoder\.encoder\.layer\.(\d+)\.")


def optimizer(model: nn.Module, recipe: Recipe) -> AdamW:
    """For what ``model`` has to train; each group's ``peak`` is its highest learning rate.

    Layers of an encoder that is trained whole learn the slower the lower they are, for what they
    know is the more general (Howard & Ruder 2018, section 3.2).
    """
    trained = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
    top = max((_depth(name) for name, _ in trained), default=0)
    groups: dict[float, list[Tensor]] = {}
    for name, value in trained:
        groups.setdefault(_peak(name, top, recipe), []).append(value)
    parts = [{"params": of, "lr": peak, "peak": peak} for peak, of in groups.items()]
    return AdamW(parts, weight_decay=recipe.weight_decay)


def _peak(name: str, top: int, recipe: Recipe) -> float:
    if recipe.method == "lora" or not _LAYER.match(name):
        return recipe.rate
    return recipe.encoder_rate * recipe.layer_decay ** (top - _depth(name))


def _depth(name: str) -> int:
    found = _LAYER.match(name)
    return int(found[1]) if found else 0
