"""Transformers checkpoints: what is refused at the door, and what a failing device does."""

import sys
from collections.abc import Callable
from math import nan
from pathlib import Path
from shutil import copytree
from typing import Any

import orjson
import pytest

from nlp.checkpoints.checkpoint import Checkpoint
from nlp.classifier import (
    LabelsUnknown,
    ModelError,
    ModelMissing,
    OutOfMemory,
    Unclassifiable,
)
from nlp.settings import ModelSettings

Making = Callable[..., Path]
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def checkpoint(make_checkpoint: Making) -> Checkpoint:
    """A tiny BERT on the CPU."""
    return Checkpoint(ModelSettings(model=str(make_checkpoint()), device="cpu"))


def test_labels_without_meaning_are_refused_unless_the_settings_name_them(
    make_checkpoint: Making,
) -> None:
    """Negative and positive would be swapped in every alert."""
    labels = ("LABEL_0", "LABEL_1", "LABEL_2")
    model = str(make_checkpoint(labels))
    with pytest.raises(LabelsUnknown, match="setting nlp"):
        Checkpoint(ModelSettings(model=model))
    named = ModelSettings(
        model=model,
        device="cpu",
        labels={"LABEL_0": "positive", "LABEL_1": "neutral", "LABEL_2": "negative"},
    )
    plain = Checkpoint(ModelSettings(model=str(make_checkpoint()), device="cpu"))
    swapped, unswapped = Checkpoint(named).classify(["loss"]), plain.classify(["loss"])
    assert swapped[0][:3] == pytest.approx(unswapped[0][2::-1])


def test_a_map_for_labels_that_are_not_there_is_refused(make_checkpoint: Making) -> None:
    """A typo in the map would leave a label with the meaning that the map should have changed."""
    settings = ModelSettings(model=str(make_checkpoint()), labels={"bearish": "positive"})
    with pytest.raises(LabelsUnknown, match="Bearish, Neutral, Bullish"):
        Checkpoint(settings)


def test_pickled_weights_are_refused(make_checkpoint: Making) -> None:
    """A downloaded pickle could run anything on the worker."""
    with pytest.raises(ModelMissing, match="pickle"):
        Checkpoint(ModelSettings(model=str(make_checkpoint(safetensors=False))))


def cut_weights(folder: Path) -> None:
    """Cut the end off, as a download that broke off does."""
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def cut_head(folder: Path) -> None:
    """Remove the head, as in an encoder that was never trained to classify."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    encoder_only = {
        name: weight for name, weight in weights.items() if not name.startswith("classifier")
    }
    save_file(encoder_only, folder / "model.safetensors", metadata={"format": "pt"})


def more_words(folder: Path) -> None:
    """Add a word, as in a tokenizer of another model."""
    file = folder / "tokenizer.json"
    tokenizer = orjson.loads(file.read_bytes())
    tokenizer["model"]["vocab"] |= {"[UNK]": 1000}
    file.write_bytes(orjson.dumps(tokenizer))


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (cut_weights, "can't be loaded"),
        (cut_head, "not trained to classify"),
        (lambda folder: (folder / "config.json").unlink(), "is no model"),
        (lambda folder: (folder / "config.json").write_text("{"), "can't be loaded"),
        (lambda folder: [file.unlink() for file in folder.glob("tok*")], "tokenizer's files"),
        (more_words, "can't score"),
    ],
)
def test_a_damaged_checkpoint_is_one_line(
    make_checkpoint: Making, harm: Callable[[Path], object], says: str
) -> None:
    """A worker would end in a stack trace, or score with weights that are random numbers."""
    folder = make_checkpoint()
    harm(folder)
    with pytest.raises(ModelMissing, match=says) as refused:
        Checkpoint(ModelSettings(model=str(folder)))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"model": "nobody/nothing"}, "neither a directory"),
        ({"model": "/nowhere"}, "neither a directory"),
    ],
)
def test_a_model_that_is_not_here_is_not_fetched(settings: dict[str, Any], says: str) -> None:
    """A worker would hang on the network, or run another version than its neighbour."""
    with pytest.raises(ModelMissing, match=says):
        Checkpoint(ModelSettings(**settings))


def test_a_checkpoint_is_found_in_the_cache_by_its_id(
    make_checkpoint: Making, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user would have to look for the folder that the hub's command has put it in."""
    home = tmp_path / "models--somebody--tiny"
    commit = "0123456789abcdef0123456789abcdef01234567"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(commit)
    copytree(make_checkpoint(), home / "snapshots" / commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    checkpoint = Checkpoint(ModelSettings(model="somebody/tiny", device="cpu"))
    assert checkpoint.model_id.startswith("tiny@")
    assert len(checkpoint.classify(["loss"])) == 1


def test_a_device_that_is_not_there_is_named(make_checkpoint: Making) -> None:
    """A typo in the device would end in a stack trace out of torch."""
    device = "cuda" if sys.platform == "darwin" else "mps"
    with pytest.raises(ModelMissing, match=device):
        Checkpoint(ModelSettings(model=str(make_checkpoint()), device=device))


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user with the small installation would not know what to install."""
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelMissing, match=r"newsquake\[gpu\]"):
        Checkpoint(ModelSettings(model="any"))


def short_of_memory(checkpoint: Checkpoint, room: int) -> Callable[[Any], Any]:
    """Return the real forward pass on a device that has memory for ``room`` texts."""
    import torch

    forward = checkpoint._model._forward

    def limited(batch: list[Any]) -> list[list[float]]:
        if len(batch) > room:
            raise torch.OutOfMemoryError("out of memory")
        return forward(batch)

    return limited


def test_a_batch_too_large_for_the_device_is_halved(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One long batch would stop the worker."""
    texts = ["loss", "profit falls", "the shares", "beats estimates", "misses"]
    expected = checkpoint.classify(texts)
    full, short = short_of_memory(checkpoint, 1), short_of_memory(checkpoint, 0)
    monkeypatch.setattr(checkpoint._model, "_forward", full)
    assert [scores[:3] for scores in checkpoint.classify(texts)] == [
        pytest.approx(scores[:3], abs=1e-4) for scores in expected
    ]
    monkeypatch.setattr(checkpoint._model, "_forward", short)
    with pytest.raises(OutOfMemory):
        checkpoint.classify(texts)


def test_an_answer_that_is_no_distribution_is_refused(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NaN would spread through every share of a subject, for ever."""
    answer = [nan, nan, nan]
    monkeypatch.setattr(checkpoint._model, "_forward", lambda batch: [answer] * len(batch))
    with pytest.raises(Unclassifiable):
        checkpoint.classify(["loss"])


def test_whatever_a_model_fails_with_is_a_model_error(checkpoint: Checkpoint) -> None:
    """The poison text could not be found by bisection, and the worker would crash for ever."""
    with pytest.raises(ModelError):
        checkpoint.classify(["fine", "\ud800"])
    with pytest.raises(ModelError):
        checkpoint.classify([None])  # type: ignore[list-item]


@pytest.mark.parametrize("dtype", ["bf16", "int8"])
def test_less_precision_hardly_moves_a_score(
    checkpoint: Checkpoint, make_checkpoint: Making, dtype: Any
) -> None:
    """A user who wants speed would get other labels."""
    texts = ["loss", "profit falls", "the shares", "beats estimates", "misses"]
    fast = Checkpoint(ModelSettings(model=str(make_checkpoint()), device="cpu", dtype=dtype))
    for fast_scores, exact_scores in zip(
        fast.classify(texts), checkpoint.classify(texts), strict=True
    ):
        assert fast_scores[:3] == pytest.approx(exact_scores[:3], abs=0.1)
        assert fast_scores != exact_scores


def test_two_checkpoints_of_one_name_have_two_ids(make_checkpoint: Making) -> None:
    """Scores of a retrained model would pass for the old one's."""
    with_neutral = Checkpoint(ModelSettings(model=str(make_checkpoint()), device="cpu"))
    without_neutral = Checkpoint(
        ModelSettings(model=str(make_checkpoint(("neg", "pos"))), device="cpu")
    )
    assert with_neutral.model_id.startswith("tiny-bert@")
    assert with_neutral.model_id != without_neutral.model_id
    assert without_neutral.classify(["loss"])[0].neutral == 0.0
