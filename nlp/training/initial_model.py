"""Build the model that a training run starts from: the plain encoder, or a model trained before."""

from pathlib import Path
from typing import Any

import orjson
from safetensors import SafetensorError
from safetensors.torch import load_file

from nlp.classifier import ModelMissing
from nlp.optional import require
from nlp.training.recipe import Recipe
from nlp.transformer import model_files
from nlp.transformer.assemble import assemble
from nlp.transformer.encoder import find, keep_layers, load_encoder
from nlp.transformer.multitask import MultiTask


def continue_recipe(recipe: Recipe, init: Path) -> Recipe:
    """Return ``recipe`` with the encoder, method, rank and scale of the model in ``init``.

    It reads names as that model does, but may mask more of them, and keeps its layers, of which a
    full fine-tune may drop the upper ones.

    A second full fine-tune moves weights by less than one quantisation step, so its changes are
    stored unquantised, unless the recipe sets a step.

    Raises:
        ModelMissing: there is no model, it is damaged, or the recipe asks for another shape.
    """
    manifest = model_files.read_manifest(init)
    name = f"{manifest.name}@{model_files.fingerprint(init)}"
    more = (manifest.names, recipe.names) == ("masked", "all masked")
    names = recipe.names if more else manifest.names
    same = {"encoder": manifest.encoder, "names": names, "layers": manifest.layers}
    saved = {**_saved_shape(init), **same}
    wanted = {field: getattr(recipe, field) for field in recipe.model_fields_set & set(saved)}
    if wanted.get("encoder", manifest.encoder) != manifest.encoder:
        raise ModelMissing(
            f"the model in {init} is built on the encoder {manifest.encoder}, not on "
            f"{recipe.encoder}: leave the option out, or start from the plain encoder"
        )
    if wanted.get("names", names) != names:
        raise ModelMissing(
            f"the model in {init} reads names {manifest.names}: leave names out, or start "
            "from the plain encoder"
        )
    if recipe.method == "full" and ("method" in wanted or saved["method"] == "full"):
        exact = saved["method"] == "full" and "delta_step" not in recipe.model_fields_set
        step = 0.0 if exact else recipe.delta_step
        kept = {**same, "method": "full", "layers": recipe.layers or manifest.layers}
        return recipe.model_copy(update={**kept, "init": name, "delta_step": step})
    if conflicts := [f"{key} {value}" for key, value in wanted.items() if value != saved[key]]:
        raise ModelMissing(
            f"the model in {init} does not have {', '.join(conflicts)}: leave these options out"
        )
    return recipe.model_copy(update={**saved, "init": name})


def build_initial_model(recipe: Recipe, init: Path | None) -> MultiTask:
    """Return the model before its first step; one from ``init`` gives the answers it gave before.

    Raises:
        ModelMissing: the model in ``init`` is damaged or does not fit.
    """
    if init is None:
        encoder = keep_layers(load_encoder(recipe.encoder), recipe.layers)
        return MultiTask(prepare_encoder(encoder, recipe), recipe.dropout)
    model = assemble(init)
    model.dropout.p = recipe.dropout
    if recipe.method == "lora":
        encoder = keep_layers(load_encoder(recipe.encoder), recipe.layers)
        model.encoder = _load_adapters(prepare_encoder(encoder, recipe), init)
    else:
        model.encoder = prepare_encoder(keep_layers(model.encoder, recipe.layers), recipe)
    return model


def prepare_encoder(encoder: Any, recipe: Recipe) -> Any:
    """Return ``encoder`` with the weights trainable that the recipe's method trains.

    For ``lora`` these are adapters, which are added (Hu et al. 2021, arXiv 2106.09685); for
    ``full`` all but the embeddings.
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


def _load_adapters(encoder: Any, init: Path) -> Any:
    """Return ``encoder`` with the adapters stored in ``init``."""
    try:
        weights = load_file(init / model_files.ADAPTER)
        result = require("peft").set_peft_model_state_dict(encoder, weights)
    except (OSError, RuntimeError, SafetensorError) as error:
        problem = str(error).splitlines()[0]
        raise ModelMissing(f"the model in {init} is damaged or not whole: {problem}") from error
    missing = [name for name in result.missing_keys if "lora_" in name]
    if missing or result.unexpected_keys:
        raise ModelMissing(f"the adapters in {init} do not fit its encoder")
    return encoder


def _saved_shape(init: Path) -> dict[str, Any]:
    """Return the recipe fields that the files in ``init`` fix: method, and rank and alpha."""
    if (init / model_files.DELTA).exists() or not (init / model_files.ADAPTER_CONFIG).exists():
        return {"method": "full"}
    try:
        config = orjson.loads((init / model_files.ADAPTER_CONFIG).read_bytes())
        return {"method": "lora", "rank": config["r"], "alpha": float(config["lora_alpha"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelMissing(f"{init / model_files.ADAPTER_CONFIG} is damaged: {error}") from error
