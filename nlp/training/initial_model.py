"""The model that a training run starts from: the plain encoder, or one that has learnt already."""

from pathlib import Path
from typing import Any

import orjson
from safetensors import SafetensorError
from safetensors.torch import load_file

from nlp.classifier import ModelMissing
from nlp.optional import require
from nlp.training.lora import TARGETS, adapted
from nlp.training.recipe import Recipe
from nlp.transformer import model_files
from nlp.transformer.assemble import assemble
from nlp.transformer.encoder import load_encoder
from nlp.transformer.multitask import MultiTask


def continued(recipe: Recipe, init: Path) -> Recipe:
    """``recipe`` for a run that starts from the model in ``init``: its method, its rank, its scale.

    What a whole encoder changes once more may be less than a step, so it is not stored in steps.

    Raises:
        ModelMissing: there is no model, it is damaged, or the recipe asks for another shape.
    """
    name = f"{model_files.read_manifest(init).name}@{model_files.fingerprint(init)}"
    has = _shape(init)
    wanted = {of: getattr(recipe, of) for of in recipe.model_fields_set & set(has)}
    if recipe.method == "full" and ("method" in wanted or has["method"] == "full"):
        again = has["method"] == "full" and "delta_step" not in recipe.model_fields_set
        step = 0.0 if again else recipe.delta_step
        return recipe.model_copy(update={"method": "full", "init": name, "delta_step": step})
    if other := [f"{of} {it}" for of, it in wanted.items() if it != has[of]]:
        raise ModelMissing(f"{init} is of another shape than {', '.join(other)}: leave that out")
    return recipe.model_copy(update={**has, "init": name})


def start(recipe: Recipe, init: Path | None) -> MultiTask:
    """The model before its first step. One from ``init`` answers as it does there.

    Raises:
        ModelMissing: what is in ``init`` is damaged or does not fit.
    """
    if init is None:
        return MultiTask(adapted(load_encoder(), recipe), recipe.dropout)
    model = assemble(init)
    model.dropout.p = recipe.dropout
    if recipe.method == "lora":
        model.encoder = _adapters(adapted(load_encoder(), recipe), init)
    else:
        model.encoder = adapted(model.encoder, recipe)
    return model


def _adapters(encoder: Any, init: Path) -> Any:
    try:
        weights = load_file(init / model_files.ADAPTER)
        found = require("peft").set_peft_model_state_dict(encoder, weights)
    except (OSError, RuntimeError, SafetensorError) as error:
        said = str(error).splitlines()[0]
        raise ModelMissing(f"the model in {init} is damaged or not whole: {said}") from error
    missing = [name for name in found.missing_keys if "lora_" in name]
    if missing or found.unexpected_keys:
        raise ModelMissing(f"{init} has adapters elsewhere than at {', '.join(TARGETS)}")
    return encoder


def _shape(init: Path) -> dict[str, Any]:
    if (init / model_files.DELTA).exists() or not (init / model_files.ADAPTER_CONFIG).exists():
        return {"method": "full"}
    try:
        config = orjson.loads((init / model_files.ADAPTER_CONFIG).read_bytes())
        return {"method": "lora", "rank": config["r"], "alpha": float(config["lora_alpha"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelMissing(f"{init / model_files.ADAPTER_CONFIG} is damaged: {error}") from error
