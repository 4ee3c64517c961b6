"""Folders of models that newsquake trained, named in the settings."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from nlp.classifier import ModelMissing
from nlp.load import load
from nlp.settings import ModelSettings
from nlp.tasks import TOPICS

pytestmark = pytest.mark.model


def test_a_folder_that_training_wrote_is_a_model(saved_model: Path) -> None:
    """A user could train a model and not run it."""
    classifier = load(ModelSettings(model=str(saved_model), device="cpu", dtype="fp32"))
    bad, good = classifier.classify(["Acme files for bankruptcy", "Acme beats estimates"])
    assert classifier.model_id.startswith("tiny@")
    assert tuple(bad.topics) == TOPICS
    assert bad[:3] != pytest.approx(good[:3], abs=1e-3)


def cut_heads(folder: Path) -> None:
    """Cut the end off, as a copy that broke off does."""
    heads = folder / "heads.safetensors"
    heads.write_bytes(heads.read_bytes()[:-100])


def only_a_pickle(folder: Path) -> None:
    """Leave a pickle only, as in an old checkpoint."""
    (folder / "heads.safetensors").rename(folder / "heads.bin")


def other_topics(folder: Path) -> None:
    """Rename a topic, as in a model of another release."""
    manifest = folder / "newsquake.json"
    manifest.write_text(manifest.read_text().replace("dividend", "coupons"))


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (cut_heads, "damaged"),
        (only_a_pickle, "damaged"),
        (other_topics, "other topic labels"),
        (lambda folder: (folder / "newsquake.json").write_text("{"), "no manifest"),
        (lambda folder: (folder / "delta.safetensors").unlink(), "neither"),
    ],
)
def test_a_damaged_folder_is_one_line(
    saved_model: Path, tmp_path: Path, harm: Callable[[Path], object], says: str
) -> None:
    """A worker would end in a stack trace, or score with half a model."""
    folder = tmp_path / "model"
    copytree(saved_model, folder)
    harm(folder)
    with pytest.raises(ModelMissing, match=says) as refused:
        load(ModelSettings(model=str(folder), device="cpu"))
    assert "\n" not in str(refused.value)
