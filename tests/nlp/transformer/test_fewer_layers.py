"""Models on the lowest layers of an encoder."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nlp.classifier import ModelMissing
from nlp.inference.openvino_runtime import OpenVinoRuntime
from nlp.settings import ModelSettings
from nlp.training.examples import Example
from nlp.training.initial_model import build_initial_model, continue_recipe
from nlp.training.ngram_svm import fit
from nlp.training.recipe import Recipe
from nlp.training.save import save
from nlp.transformer.assemble import assemble
from nlp.transformer.model_files import Manifest, read_manifest
from nlp.transformer.multitask import MultiTask
from nlp.transformer.weights import assemble_weights

pytestmark = pytest.mark.model

SHIPPED = Path(__file__).parents[3] / "nlp" / "shipped"
WINDOW = [101, 6661, 2991, 2004, 5618, 24418, 102]


def cut_to(layers: int) -> MultiTask:
    """Return the shipped model's lowest layers, in training."""
    recipe = continue_recipe(Recipe(method="full", layers=layers), SHIPPED)
    return build_initial_model(recipe, SHIPPED)


def logits(model: MultiTask) -> torch.Tensor:
    """Return the topics' logits of one text."""
    ids = torch.tensor([WINDOW])
    with torch.inference_mode():
        heads = model.eval()({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
    topics: torch.Tensor = heads["topic"][0]
    return topics


@pytest.fixture(scope="module")
def three_layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model on three layers."""
    folder = tmp_path_factory.mktemp("three-layers")
    labelled = [Example(f"profit falls {n}", {"sentiment": n % 3, "topic": n}) for n in range(20)]
    manifest = read_manifest(SHIPPED).model_copy(update={"layers": 3, "recipe": {}})
    save(folder, cut_to(3), manifest, fit(labelled))
    return folder


def test_a_model_on_three_layers_is_read_as_it_was_trained(three_layers: Path) -> None:
    """The model that runs would have six layers, three of them never trained with the rest."""
    expected = logits(cut_to(3))
    assert len(assemble(three_layers).encoder.encoder.layer) == 3
    assert torch.allclose(logits(assemble(three_layers)), expected, atol=5e-3)
    assert not torch.allclose(logits(cut_to(6)), expected, atol=0.1)
    names = {name.split(".")[2] for name in assemble_weights(three_layers) if ".layer." in name}
    assert names == {"0", "1", "2"}


def test_openvino_runs_the_same_layers(three_layers: Path) -> None:
    """Users without PyTorch would get other answers than were measured."""
    model = OpenVinoRuntime.start(ModelSettings(dtype="fp32", threads=1)).load(three_layers)
    (row,) = model.forward([WINDOW])
    with torch.inference_mode():
        ids = torch.tensor([WINDOW])
        heads = assemble(three_layers)({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
    assert np.allclose(row, torch.cat([*heads.values()], dim=1)[0].numpy(), atol=1e-3)


def test_a_model_keeps_its_layers_when_training_goes_on(three_layers: Path) -> None:
    """A second training would put untrained layers on top."""
    assert continue_recipe(Recipe(), three_layers).layers == 3
    assert continue_recipe(Recipe(method="full", layers=2), three_layers).layers == 2
    with pytest.raises(ModelMissing, match="has 3 layers, not 4"):
        build_initial_model(continue_recipe(Recipe(layers=4), three_layers), three_layers)


def test_manifests_of_earlier_releases_have_all_layers() -> None:
    """Models that were trained before could not be loaded any more."""
    fields = read_manifest(SHIPPED).model_dump(mode="json", exclude={"layers"})
    assert Manifest.model_validate(fields).layers == 0
