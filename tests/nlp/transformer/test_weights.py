"""Weights are the same for every runtime."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from nlp.classifier import ModelMissing
from nlp.transformer.assemble import assemble
from nlp.transformer.model_path import SHIPPED
from nlp.transformer.weights import add_changes, assemble_weights, merge_adapters

pytestmark = pytest.mark.model


def test_pytorch_and_numpy_put_the_same_model_together() -> None:
    """The figures of a model, which PyTorch measured, would be those of another one."""
    model = assemble(SHIPPED)
    theirs = {
        name.partition(".")[2]: value.detach().numpy() for name, value in model.named_parameters()
    }
    ours = assemble_weights(SHIPPED)
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert value.dtype == np.float32
        assert np.array_equal(value, theirs[name]), name


def test_adapters_are_merged_by_their_product() -> None:
    """A model that was trained with adapters would answer as if it had not been."""
    weights = {"layer.weight": np.ones((2, 3), np.float32)}
    adapters = {
        "base_model.model.layer.lora_A.weight": np.array([[1, 2, 3]], np.float16),
        "base_model.model.layer.lora_B.weight": np.array([[1], [-1]], np.float16),
    }
    merge_adapters(weights, adapters, 2.0)
    assert weights["layer.weight"].tolist() == [[3, 5, 7], [-1, -3, -5]]


def test_a_change_that_does_not_fit_is_refused() -> None:
    """A change of another encoder would be spread over the wrong weights."""
    weights = {"bias": np.zeros(3, np.float32)}
    with pytest.raises(ValueError, match="does not fit"):
        add_changes(weights, {"step": np.array(1, np.float32), "bias": np.ones(1, np.float16)})
    with pytest.raises(KeyError):
        add_changes(weights, {"step": np.array(1, np.float32), "other": np.ones(3, np.float16)})


@pytest.mark.parametrize("harm", ["missing", "shape", "unknown"])
def test_heads_that_do_not_fit_are_one_line(saved_model: Path, tmp_path: Path, harm: str) -> None:
    """A worker would end in a traceback of numpy, hours after the model was copied."""
    folder = tmp_path / "model"
    folder.mkdir()
    for path in saved_model.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    heads = load_file(folder / "heads.safetensors")
    if harm == "missing":
        del heads["topic.bias"]
    elif harm == "shape":
        heads["topic.bias"] = heads["topic.bias"][:-1]
    else:
        heads["mood.bias"] = heads["topic.bias"]
    save_file(heads, folder / "heads.safetensors")
    with pytest.raises(ModelMissing, match="other heads") as refused:
        assemble_weights(folder)
    assert "\n" not in str(refused.value)
