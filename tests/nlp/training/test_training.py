"""Training: a rate for each part of a model, averaged runs, and the files that it writes."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from nlp.labelled_rows import Row
from nlp.tasks import Task
from nlp.training.examples import Example
from nlp.training.initial_model import build_initial_model
from nlp.training.optimizer import build_optimizer
from nlp.training.recipe import Recipe
from nlp.training.run import TrainingJob, fit, tokenize
from nlp.training.snapshot import trainable_weights
from nlp.training.train import Run, train
from nlp.training.weight_averaging import train_averaged
from nlp.transformer import model_files
from nlp.transformer.assemble import assemble

pytestmark = pytest.mark.model

ROWS: dict[Task, list[Row]] = {
    "sentiment": [Row(f"Acme {verb} {n}", n % 3) for verb in ("rises", "falls") for n in range(12)]
}
QUICK = Recipe(epochs=1, batch=8, max_tokens=8, held_out=0.2, precision="fp32")


def test_lower_layers_learn_slower_and_heads_fastest() -> None:
    """A few thousand headlines would overwrite the encoder's knowledge of the language."""
    recipe = Recipe(rate=1e-3, encoder_rate=1e-4, layer_decay=0.5)
    model = build_initial_model(recipe, None)
    groups = build_optimizer(model, recipe).param_groups
    peaks = {id(weight): group["peak"] for group in groups for weight in group["params"]}
    rates = {
        name: peaks[id(weight)] for name, weight in model.named_parameters() if weight.requires_grad
    }
    assert rates["heads.topic.weight"] == pytest.approx(1e-3)
    assert rates["encoder.encoder.layer.5.output.dense.weight"] == pytest.approx(1e-4)
    assert rates["encoder.encoder.layer.3.output.dense.bias"] == pytest.approx(2.5e-5)
    assert not any("embeddings" in name for name in rates)


def test_adapters_all_learn_at_one_rate() -> None:
    """A recipe for adapters would give another model than it did before."""
    recipe = Recipe(method="lora", rank=2, rate=2e-3)
    groups = build_optimizer(build_initial_model(recipe, None), recipe).param_groups
    assert [group["peak"] for group in groups] == [2e-3]


def test_heads_learn_at_a_rate_of_their_own_beside_adapters() -> None:
    """Twenty topics from a head of random weights would take epochs at the adapters' rate."""
    recipe = Recipe(method="lora", rank=2, rate=3e-4, head_rate=2e-3)
    groups = build_optimizer(build_initial_model(recipe, None), recipe).param_groups
    assert sorted(group["peak"] for group in groups) == [3e-4, 2e-3]


def make_run(recipe: Recipe, folder: Path) -> Run:
    """Return a run on a few rows."""
    torch.manual_seed(1)
    examples = [Example(row.text, {"sentiment": row.label}) for row in ROWS["sentiment"]]
    data = tokenize(examples[:16], examples[16:], recipe)
    return Run(build_initial_model(recipe, None), *data, recipe, "cpu", folder, None)


def job(recipe: Recipe, out: Path, init: Path | None = None) -> TrainingJob:
    """Return a job on the processor."""
    return TrainingJob(recipe=recipe, out=out, init=init, device="cpu")


def test_several_runs_become_the_mean_of_each(tmp_path: Path) -> None:
    """A user who asks for two runs would wait twice as long for only one of them."""
    weights = []
    for seed in (1, 2):
        single = make_run(QUICK.model_copy(update={"seed": seed}), tmp_path / f"alone-{seed}")
        single.folder.mkdir()
        weights.append(trainable_weights(train(single)))
    first, second = weights
    both = make_run(QUICK.model_copy(update={"runs": 2}), tmp_path / "both")
    train_averaged(both)
    for name, value in trainable_weights(both.model).items():
        assert torch.allclose(value, (first[name] + second[name]) / 2, atol=1e-6), name
    head = "heads.sentiment.weight"
    assert not torch.allclose(first[head], second[head], atol=1e-5)


def test_a_model_is_written_with_the_digests_of_its_files(tmp_path: Path) -> None:
    """Nobody could tell a whole model from one that was altered."""
    folder = tmp_path / "model"
    manifest = fit(ROWS, job(QUICK, folder))
    assert set(manifest.files) == {path.name for path in folder.glob("*.safetensors")}
    assert model_files.verify(folder) == manifest
    assert not (folder / "training").exists()


def test_a_second_full_fine_tune_is_stored_exactly(tmp_path: Path) -> None:
    """The small changes of a few corrections would be rounded away."""
    fit(ROWS, job(QUICK, tmp_path / "first"))
    recipe = Recipe(epochs=1, batch=8, max_tokens=8, held_out=0.2, encoder_rate=1e-6)
    fit(ROWS, job(recipe, tmp_path / "next", init=tmp_path / "first"))
    stored = load_file(tmp_path / "next" / model_files.DELTA)
    dtypes = {tensor.dtype for name, tensor in stored.items() if "dense.weight" in name}
    assert dtypes == {torch.float16}


def test_a_full_fine_tune_after_adapters_answers_as_it_was_trained(tmp_path: Path) -> None:
    """A saved model would answer without its last changes, or without its adapters."""
    lora = QUICK.model_copy(update={"method": "lora", "rank": 2, "rate": 0.05})
    fit(ROWS, job(lora, tmp_path / "first"))
    full = Recipe(method="full", epochs=1, batch=8, max_tokens=8, held_out=0.2, delta_step=1e-5)
    fit(ROWS, job(full, tmp_path / "next", init=tmp_path / "first"))
    first, after = (assemble(tmp_path / name).encoder for name in ("first", "next"))
    moved = [a - b for a, b in zip(after.parameters(), first.parameters(), strict=True)]
    assert 1e-6 < max(float(change.detach().abs().max()) for change in moved) < 1e-2
    assert (tmp_path / "next" / model_files.ADAPTER).exists()
