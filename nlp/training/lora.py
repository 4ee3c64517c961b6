"""Low-rank adapters (Hu et al. 2021, arXiv 2106.09685), in PEFT's own format."""

from typing import Any

from nlp.optional import require
from nlp.training.recipe import Recipe
from nlp.transformer.encoder import find


def prepare_encoder(encoder: Any, recipe: Recipe) -> Any:
    """Return ``encoder`` with the weights trainable that the recipe's method trains.

    For ``lora`` these are adapters, which are added; for ``full`` all but the embeddings.
    """
    if recipe.method == "full":
        encoder.embeddings.requires_grad_(requires_grad=False)
        return encoder
    peft = require("peft")
    adapted = list(find(recipe.encoder).adapted)
    config = peft.LoraConfig(
        r=recipe.rank, lora_alpha=recipe.alpha, target_modules=adapted, bias="none"
    )
    return peft.get_peft_model(encoder, config)
