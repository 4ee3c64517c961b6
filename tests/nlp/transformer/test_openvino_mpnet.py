"""OpenVINO runs models on MPNet as PyTorch does."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

from nlp.inference.openvino_graph import buckets
from nlp.settings import ModelSettings
from nlp.transformer import encoder
from nlp.transformer.transformer import Transformer

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tiny_mpnet")]

TEXTS = [
    "shares",
    "acme falls as bolt beats the loss",
    "profit misses the " * 12,
    "央行 naïve <pad> shares",
    "",
    "profit misses the loss as acme beats bolt " * 9,
]


def load(folder: Path, runtime: str) -> Transformer:
    """Load the model in full precision."""
    values = {"device": "cpu", "dtype": "fp32", "runtime": runtime}
    return Transformer(folder, ModelSettings.model_validate(values))


def numbers(model: Transformer, texts: list[str]) -> NDArray[np.float64]:
    """Return all scores of the texts: (texts, 23)."""
    scored = model.classify(texts)
    return np.array([[s.negative, s.neutral, s.positive, *s.topics.values()] for s in scored])


def test_openvino_gives_the_answers_of_pytorch(mpnet_model: Path) -> None:
    """The large model would call good news bad on a machine without a graphics card."""
    ours, theirs = (load(mpnet_model, name) for name in ("openvino", "torch"))
    answers = numbers(ours, TEXTS)
    assert np.abs(answers - numbers(theirs, TEXTS)).max() < 1e-4
    alone = np.concatenate([numbers(ours, [text]) for text in TEXTS])
    assert np.abs(answers - alone).max() < 1e-4


def test_openvino_counts_distances_as_pytorch_does() -> None:
    """Words that stand far apart in a long text would count as neighbours."""
    distances = torch.arange(-513, 514)
    bucket_of = MPNetEncoder.relative_position_bucket
    expected = bucket_of(distances, num_buckets=32)  # type: ignore[no-untyped-call]  # its own
    assert buckets(distances.numpy(), 32).tolist() == expected.tolist()


def test_tokens_are_those_that_the_model_was_trained_on() -> None:
    """The model would read other words than it learnt."""
    ours, theirs = encoder.load_tokenizer("mpnet"), encoder.load_padding_tokenizer("mpnet")
    asked = [*TEXTS, ("acme falls", "acme")]
    assert [encoded.ids for encoded in ours.encode_batch_fast(asked)] == [
        encoded.ids for encoded in theirs.backend_tokenizer.encode_batch_fast(asked)
    ]
