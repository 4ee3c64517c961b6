"""Training that starts from a trained model."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from nlp.classifier import ModelMissing
from nlp.labelled_rows import Row
from nlp.tasks import Task
from nlp.training.initial_model import build_initial_model, continue_recipe
from nlp.training.recipe import Recipe
from nlp.training.run import TrainingJob, fit
from nlp.transformer import model_files
from nlp.transformer.assemble import assemble
from nlp.transformer.encoder import load_padding_tokenizer
from nlp.transformer.model_files import read_manifest

pytestmark = pytest.mark.model

TEXTS = ["Acme stock soars 1", "Bolt files for an ipo", "something else entirely"]


def answers(model: Any) -> torch.Tensor:
    """Return all logits of `TEXTS`."""
    inputs = load_padding_tokenizer()(TEXTS, padding=True, return_tensors="pt")
    arguments = {name: inputs[name] for name in ("input_ids", "attention_mask")}
    with torch.inference_mode():
        return torch.cat(list(model.eval()(arguments).values()), dim=1)


def test_the_initial_model_answers_like_the_saved_one(trained: Path) -> None:
    """A few corrections would cost everything that the model had learnt before."""
    model = build_initial_model(continue_recipe(Recipe(), trained), trained)
    assert answers(model).abs().max() > 0.01
    assert torch.allclose(answers(model), answers(assemble(trained)), atol=1e-4)
    assert any(value.requires_grad for value in model.encoder.parameters())
    assert not model.encoder.get_submodule("embeddings").word_embeddings.weight.requires_grad


def test_a_full_fine_tune_can_start_from_adapters(trained: Path) -> None:
    """A user with more data than adapters can hold would have to start from nothing."""
    recipe = continue_recipe(Recipe(method="full"), trained)
    model = build_initial_model(recipe, trained)
    assert torch.allclose(answers(model), answers(assemble(trained)), atol=1e-4)
    assert not any("lora" in name for name, _ in model.named_parameters())


def test_training_from_a_model_says_so_and_keeps_its_shape(
    trained: Path, rows: dict[Task, list[Row]], tmp_path: Path
) -> None:
    """Nobody could tell later which model a version was trained from."""
    recipe = Recipe(epochs=1, max_tokens=16)
    job = TrainingJob(recipe=recipe, out=tmp_path / "next", init=trained, device="cpu")
    manifest = fit(rows, job)
    assert manifest.recipe["init"] == f"{trained.name}@{model_files.fingerprint(trained)}"
    assert manifest.recipe["method"] == trained.name
    assert read_manifest(tmp_path / "next") == manifest


def test_a_model_that_cannot_be_a_start_is_refused_at_once(trained: Path, tmp_path: Path) -> None:
    """A run of an hour would end in a traceback, or start from nothing without a message."""
    with pytest.raises(ModelMissing, match="is no manifest"):
        continue_recipe(Recipe(), tmp_path)
    with pytest.raises(ModelMissing, match="leave these options out"):
        continue_recipe(Recipe(method="lora", rank=64), trained)
    broken = tmp_path / "broken"
    shutil.copytree(trained, broken)
    weights = next(
        path for path in broken.glob("*r*.safetensors") if path.name != model_files.HEADS
    )
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ModelMissing, match="damaged"):
        build_initial_model(continue_recipe(Recipe(), broken), broken)
