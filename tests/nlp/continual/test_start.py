"""Learning that goes on where an earlier one ended."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from nlp.classifier import ModelMissing
from nlp.labelled_rows import Row
from nlp.tasks import Task
from nlp.training.initial_model import continued, start
from nlp.training.recipe import Recipe
from nlp.training.run import fit
from nlp.transformer import model_files
from nlp.transformer.assemble import assemble
from nlp.transformer.encoder import load_tokenizer
from nlp.transformer.model_files import read_manifest

pytestmark = pytest.mark.model

TEXTS = ["Acme stock soars 1", "Bolt files for an ipo", "something else entirely"]


def answers(model: Any) -> torch.Tensor:
    """All logits of `TEXTS`."""
    inputs = load_tokenizer()(TEXTS, padding=True, return_tensors="pt")
    wanted = {name: inputs[name] for name in ("input_ids", "attention_mask")}
    with torch.inference_mode():
        return torch.cat(list(model.eval()(wanted).values()), dim=1)


def test_before_the_first_step_it_answers_as_the_saved_model(trained: Path) -> None:
    """A few corrections would cost everything that the model had learnt."""
    model = start(continued(Recipe(), trained), trained)
    assert answers(model).abs().max() > 0.01
    assert torch.allclose(answers(model), answers(assemble(trained)), atol=1e-4)
    assert any(value.requires_grad for value in model.encoder.parameters())
    assert not model.encoder.get_submodule("embeddings").word_embeddings.weight.requires_grad


def test_adapters_can_go_on_as_a_full_model(trained: Path) -> None:
    """Who has more data than an adapter can hold would have to start from nothing."""
    recipe = continued(Recipe(method="full"), trained)
    model = start(recipe, trained)
    assert torch.allclose(answers(model), answers(assemble(trained)), atol=1e-4)
    assert not any("lora" in name for name, _ in model.named_parameters())


def test_training_from_a_model_says_so_and_keeps_its_shape(
    trained: Path, rows: dict[Task, list[Row]], tmp_path: Path
) -> None:
    """Nobody could tell later which model a version came from."""
    made = fit(rows, Recipe(epochs=1, max_tokens=16), tmp_path / "next", init=trained, device="cpu")
    assert made.recipe["init"] == f"{trained.name}@{model_files.fingerprint(trained)}"
    assert made.recipe["method"] == trained.name
    assert read_manifest(tmp_path / "next") == made


def test_what_cannot_be_gone_on_from_is_said_at_once(trained: Path, tmp_path: Path) -> None:
    """A run of an hour would end in a traceback, or begin at nothing without a word."""
    with pytest.raises(ModelMissing, match="is no manifest"):
        continued(Recipe(), tmp_path)
    with pytest.raises(ModelMissing, match="is of another shape than"):
        continued(Recipe(method="lora", rank=64), trained)
    broken = tmp_path / "broken"
    shutil.copytree(trained, broken)
    weights = next(
        path for path in broken.glob("*r*.safetensors") if path.name != model_files.HEADS
    )
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ModelMissing, match="damaged"):
        start(continued(Recipe(), broken), broken)
