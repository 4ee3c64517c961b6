"""A stored encoder is read with the same weights, or refused with one clear line."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from torch import nn

from nlp.classifier import ModelMissing
from nlp.settings import ModelSettings
from nlp.tasks import SENTIMENTS, TOPICS
from nlp.training.examples import Example
from nlp.training.initial_model import prepare_encoder
from nlp.training.ngram_svm import fit
from nlp.training.recipe import Recipe
from nlp.training.save import save
from nlp.transformer import delta, model_files, ngrams
from nlp.transformer.assemble import assemble
from nlp.transformer.compression import deflate, inflate
from nlp.transformer.encoder import load_encoder
from nlp.transformer.model_files import Calibration, Manifest
from nlp.transformer.multitask import MultiTask
from nlp.transformer.ngrams import Ngrams
from nlp.transformer.transformer import Transformer

pytestmark = pytest.mark.model

STEP = 1e-3


def moved(model: nn.Module) -> nn.Module:
    """Move the weights of ``model`` a little, as training does."""
    torch.manual_seed(1)
    with torch.no_grad():
        for value in model.parameters():
            if value.requires_grad:
                value.add_(torch.randn_like(value) * STEP)
    return model


@pytest.fixture(scope="module")
def learnt() -> MultiTask:
    """A model whose whole encoder has moved."""
    model = MultiTask(prepare_encoder(load_encoder(), Recipe(method="full")))
    moved(model.encoder)
    return model


@pytest.fixture(scope="module")
def folder(learnt: MultiTask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained model, saved."""
    out = tmp_path_factory.mktemp("delta")
    manifest = Manifest(
        name="moved",
        sentiments=SENTIMENTS,
        topics=TOPICS,
        max_tokens=32,
        calibration=Calibration(thresholds=(0.5,) * len(TOPICS)),
    )
    texts = ("Acme profit falls", "Acme profit rises", "Fed holds rates", "Fed cuts rates")
    rows = [Example(text, {"sentiment": n % 3, "topic": n % 20}) for n, text in enumerate(texts)]
    save(out, learnt, manifest, fit(rows * 2), step=STEP)
    return out


def test_every_weight_is_read_within_half_a_step(learnt: MultiTask, folder: Path) -> None:
    """Users would run another model than the one that was trained."""
    read = dict(assemble(folder).encoder.named_parameters())
    for name, value in learnt.encoder.named_parameters():
        tolerance = STEP / 2 if value.dim() > 1 else STEP / 100
        assert float((value - read[name]).abs().max()) <= tolerance * 1.01, name


def test_what_was_judged_is_what_is_read(learnt: MultiTask, folder: Path) -> None:
    """The figures and the calibration would be those of weights that nobody has."""
    settled = prepare_encoder(load_encoder(), Recipe(method="full"))
    settled.load_state_dict(learnt.encoder.state_dict())
    delta.round_to_stored(settled, load_encoder(), STEP)
    read = dict(assemble(folder).encoder.named_parameters())
    for name, value in settled.named_parameters():
        assert torch.equal(value, read[name]), name


def test_a_step_of_nothing_stores_changes_that_are_far_below_one(learnt: MultiTask) -> None:
    """The small changes that a few corrections make would be rounded away."""
    stored = delta.encode(learnt.encoder, load_encoder(), 0.0)
    again = load_encoder()
    delta.apply(again, stored)
    read = dict(again.named_parameters())
    assert all(
        float((value - read[name]).abs().max()) < STEP / 100
        for name, value in learnt.encoder.named_parameters()
    )


def test_changes_take_a_quarter_of_the_room_of_half_precision(folder: Path) -> None:
    """The package would grow by twenty megabytes with each model."""
    values = sum(
        parameter.numel() for parameter in load_encoder().get_submodule("encoder").parameters()
    )
    assert (folder / model_files.DELTA).stat().st_size < 2 * values / 4


def cut(path: Path) -> None:
    """Cut the end off, as a copy that broke off does."""
    path.write_bytes(path.read_bytes()[:-1_000])


def alter(path: Path) -> None:
    """Flip a bit, as a failing disk does."""
    data = bytearray(path.read_bytes())
    data[-5_000] ^= 0x10
    path.write_bytes(data)


@pytest.mark.parametrize("name", [model_files.DELTA, model_files.HEADS, ngrams.FILE])
@pytest.mark.parametrize("harm", [cut, alter, Path.unlink])
def test_a_file_that_is_not_what_was_saved_is_one_line(
    folder: Path, tmp_path: Path, name: str, harm: Callable[[Path], None]
) -> None:
    """A worker would score with half a model, or end in a traceback."""
    copy = tmp_path / "model"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    harm(copy / name)
    with pytest.raises(ModelMissing, match=r"damaged|not whole") as refused:
        Transformer(copy, ModelSettings(device="cpu"))
    assert "\n" not in str(refused.value)
    with pytest.raises(ModelMissing):
        model_files.check(copy)


@pytest.mark.parametrize("harm", [cut, alter])
def test_damage_shows_also_where_no_digest_was_kept(
    folder: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """A folder put together by hand would score wrongly without a word."""
    (tmp_path / ngrams.FILE).write_bytes((folder / ngrams.FILE).read_bytes())
    assert Ngrams.read(tmp_path) is not None
    harm(tmp_path / ngrams.FILE)
    with pytest.raises(ModelMissing, match="damaged"):
        Ngrams.read(tmp_path)


def test_deflated_numbers_cannot_blow_up() -> None:
    """A small file could fill a worker's memory."""
    bomb = deflate(np.zeros(10_000_000, np.int8))
    assert bomb.nbytes < 20_000
    with pytest.raises(ValueError, match="there are not 100 "):
        inflate(bomb, (100,))


def test_ngrams_are_the_same_after_they_were_stored(tmp_path: Path) -> None:
    """Margins would differ from those that the calibration was fitted to."""
    rows = [Example("Acme profit falls", {"sentiment": 0}), Example("Acme rises", {"sentiment": 2})]
    fitted = fit(rows * 3)
    save_file(fitted.stored(), tmp_path / ngrams.FILE)
    read = Ngrams.read(tmp_path)
    assert read is not None
    text = ["Acme falls"]
    assert np.allclose(fitted.margins(text), read.margins(text), atol=1e-6)
