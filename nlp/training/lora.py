"""Low-rank adapters (Hu et al. 2021, arXiv 2106.09685), in PEFT's own format."""

from typing import Any, Final

from nlp.optional import require
from nlp.training.recipe import Recipe

TARGETS: Final = ("query", "key", "value", "dense")


def adapted(encoder: Any, recipe: Recipe) -> Any:
    """``encoder`` with only its adapters left to train, or all but its embeddings."""
    if recipe.method == "full":
        encoder.embeddings.requires_grad_(requires_grad=False)
        return encoder
    peft = require("peft")
    config = peft.LoraConfig(
        r=recipe.rank, lora_alpha=recipe.alpha, target_modules=list(TARGETS), bias="none"
    )
    return peft.get_peft_model(encoder, config)
