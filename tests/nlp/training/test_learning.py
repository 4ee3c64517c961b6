"""How a model learns: each part at its rate, several runs into one."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from nlp.labelled_rows import Row
from nlp.tasks import Task
from nlp.training import weight_averaging
from nlp.training.examples import Example
from nlp.training.initial_model import start
from nlp.training.optimizer import optimizer
from nlp.training.recipe import Recipe
from nlp.training.run import fit, tokenized
from nlp.training.snapshot import trained
from nlp.training.train import Run, train
from nlp.transformer import model_files
from nlp.transformer.assemble import assemble

pytestmark = pytest.mark.model

ROWS: dict[Task, list[Row]] = {
    "sentiment": [Row(f"Acme {verb} {n}", n % 3) for verb in ("rises", "falls") for n in range(12)]
}
QUICK = Recipe(epochs=1, batch=8, max_tokens=8, held_out=0.2, precision="fp32")


def test_lower_layers_learn_slower_and_heads_fastest() -> None:
    """A few thousand headlines would wash out what the encoder knows of the language."""
    recipe = Recipe(rate=1e-3, encoder_rate=1e-4, layer_decay=0.5)
    model = start(recipe, None)
    groups = optimizer(model, recipe).param_groups
    rates = {id(value): group["peak"] for group in groups for value in group["params"]}
    found = {name: rates[id(it)] for name, it in model.named_parameters() if it.requires_grad}
    assert found["heads.topic.weight"] == pytest.approx(1e-3)
    assert found["encoder.encoder.layer.5.output.dense.weight"] == pytest.approx(1e-4)
    assert found["encoder.encoder.layer.3.output.dense.bias"] == pytest.approx(2.5e-5)
    assert not any("embeddings" in name for name in found)


def test_adapters_all_learn_at_one_rate() -> None:
    """A recipe for adapters would mean something else than it did."""
    recipe = Recipe(method="lora", rank=2, rate=2e-3)
    groups = optimizer(start(recipe, None), recipe).param_groups
    assert [group["peak"] for group in groups] == [2e-3]


def runs(recipe: Recipe, folder: Path) -> Run:
    """A run on a few rows."""
    torch.manual_seed(1)
    rows = [Example(row.text, {"sentiment": row.label}) for row in ROWS["sentiment"]]
    two = tokenized(rows[:16], rows[16:], recipe)
    return Run(start(recipe, None), *two, recipe, "cpu", folder, None)


def test_several_runs_become_the_mean_of_each(tmp_path: Path) -> None:
    """Who asks for two runs would wait twice as long for one of them."""
    each = []
    for seed in (1, 2):
        one = runs(QUICK.model_copy(update={"seed": seed}), tmp_path / f"alone-{seed}")
        one.folder.mkdir()
        each.append(trained(train(one)))
    both = runs(QUICK.model_copy(update={"runs": 2}), tmp_path / "both")
    weight_averaging.learn(both)
    for name, value in trained(both.model).items():
        assert torch.allclose(value, (each[0][name] + each[1][name]) / 2, atol=1e-6), name
    head = "heads.sentiment.weight"
    assert not torch.allclose(each[0][head], each[1][head], atol=1e-5)


def test_a_model_is_written_with_the_digests_of_its_files(tmp_path: Path) -> None:
    """Nobody could tell a whole model from one that was altered."""
    made = fit(ROWS, QUICK, tmp_path / "made", device="cpu")
    assert set(made.files) == {path.name for path in (tmp_path / "made").glob("*.safetensors")}
    assert model_files.verify(tmp_path / "made") == made
    assert not (tmp_path / "made" / "training").exists()


def test_what_goes_on_from_a_whole_encoder_is_stored_exactly(tmp_path: Path) -> None:
    """What a few corrections change would be less than a step, and rounded away."""
    fit(ROWS, QUICK, tmp_path / "first", device="cpu")
    recipe = Recipe(epochs=1, batch=8, max_tokens=8, held_out=0.2, encoder_rate=1e-6)
    fit(ROWS, recipe, tmp_path / "next", init=tmp_path / "first", device="cpu")
    stored = load_file(tmp_path / "next" / model_files.DELTA)
    assert {it.dtype for name, it in stored.items() if "dense.weight" in name} == {torch.float16}


def test_a_whole_encoder_that_began_with_adapters_answers_as_it_was_trained(tmp_path: Path) -> None:
    """Its small changes would be lost beside the adapters, or the adapters be forgotten."""
    lora = QUICK.model_copy(update={"method": "lora", "rank": 2, "rate": 0.05})
    fit(ROWS, lora, tmp_path / "first", device="cpu")
    full = Recipe(method="full", epochs=1, batch=8, max_tokens=8, held_out=0.2, delta_step=1e-5)
    fit(ROWS, full, tmp_path / "next", init=tmp_path / "first", device="cpu")
    first, after = (assemble(tmp_path / name).encoder for name in ("first", "next"))
    moved = [a - b for a, b in zip(after.parameters(), first.parameters(), strict=True)]
    assert 1e-6 < max(float(it.detach().abs().max()) for it in moved) < 1e-2
    assert (tmp_path / "next" / model_files.ADAPTER).exists()
