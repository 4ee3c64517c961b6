"""Checkpoints whose weights are stored in any precision run in the one that is set."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
import torch
from transformers import BertForSequenceClassification

from nlp.checkpoints.checkpoint import Checkpoint
from nlp.settings import ModelSettings

Making = Callable[..., Path]
pytestmark = pytest.mark.model

TEXTS = ("loss", "profit falls", "the shares", "beats estimates", "misses")
STORED = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}


def load(folder: Path, dtype: Literal["fp32", "bf16", "int8"]) -> Checkpoint:
    """Return the checkpoint on the CPU, in one precision."""
    return Checkpoint(ModelSettings(model=str(folder), device="cpu", dtype=dtype))


@pytest.fixture(scope="module", params=STORED)
def stored(request: pytest.FixtureRequest, make_checkpoint: Making) -> Path:
    """Return a checkpoint with weights that are stored in one precision."""
    folder = make_checkpoint()
    model = BertForSequenceClassification.from_pretrained(folder, dtype=torch.float32)
    model.to(STORED[request.param]).save_pretrained(folder)  # type: ignore[arg-type]  # transformers' own
    return folder


def test_fp32_computes_in_fp32(stored: Path) -> None:
    """A checkpoint in half precision would be four times slower on a CPU than its user set it."""
    weights = load(stored, "fp32")._model._model.parameters()
    assert {weight.dtype for weight in weights} == {torch.float32}


@pytest.mark.parametrize("dtype", ["fp32", "bf16", "int8"])
def test_each_precision_gives_about_the_same_scores(
    stored: Path, make_checkpoint: Making, dtype: Literal["fp32", "bf16", "int8"]
) -> None:
    """A worker would end at its start because of how somebody else saved a file."""
    exact = load(make_checkpoint(), "fp32").classify(TEXTS)
    for scores, expected in zip(load(stored, dtype).classify(TEXTS), exact, strict=True):
        assert scores[:3] == pytest.approx(expected[:3], abs=0.1)
