"""Averages of two adapted models."""

from pathlib import Path

import pytest
import torch
from labelling.average import average
from safetensors.torch import load_file, save_file

from nlp.transformer.model_files import HEADS, read_manifest
from nlp.transformer.model_path import LARGE


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Return a model with other heads than the shipped one of its kind."""
    folder = tmp_path / "other"
    average(LARGE, LARGE, folder, share=0.0)
    heads = {name: weights + 1.0 for name, weights in load_file(folder / HEADS).items()}
    save_file(heads, folder / HEADS)
    return folder


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_the_weights_lie_at_the_share_of_the_way(tmp_path: Path, other: Path, share: float) -> None:
    """The model of the card could not be made again by its command."""
    out = tmp_path / "average"
    average(LARGE, other, out, share)
    begin, heads = load_file(LARGE / HEADS), load_file(out / HEADS)
    for name, weights in heads.items():
        expected = begin[name].float() + share
        torch.testing.assert_close(weights.float(), expected, rtol=0.0, atol=2e-3)
    assert read_manifest(out).name == "average"


def test_a_model_that_is_there_is_not_overwritten(other: Path) -> None:
    """Weights that took hours would be lost to a slip in a command."""
    with pytest.raises(FileExistsError):
        average(LARGE, LARGE, other, share=0.5)
