"""A small MPNet, made on the spot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from nlp.optional import require

MPNET_WORDS: Final = [
    "shares",
    "profit",
    "loss",
    "acme",
    "bolt",
    "falls",
    "beats",
    "misses",
    "the",
    "as",
]


@pytest.fixture(scope="module")
def tiny_mpnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small MPNet with random weights, in the place of the large encoder."""
    from nlp.transformer import encoder

    folder = tmp_path_factory.mktemp("tiny-mpnet")
    save_mpnet(folder)
    with pytest.MonkeyPatch.context() as patch:
        entry = encoder.ENCODERS["mpnet"]._replace(folder=lambda: folder)
        patch.setitem(encoder.ENCODERS, "mpnet", entry)
        yield folder


@pytest.fixture(scope="module")
def mpnet_model(tiny_mpnet: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - it must be there
    """A saved model with random adapters and heads on the small MPNet."""
    import torch

    from nlp.tasks import SENTIMENTS, TOPICS
    from nlp.training.examples import Example
    from nlp.training.initial_model import prepare_encoder
    from nlp.training.ngram_svm import fit
    from nlp.training.recipe import Recipe
    from nlp.training.save import save
    from nlp.transformer import encoder
    from nlp.transformer.model_files import Calibration, Manifest
    from nlp.transformer.multitask import MultiTask

    torch.manual_seed(1)
    recipe = Recipe(encoder="mpnet", method="lora", rank=4)
    model = MultiTask(prepare_encoder(encoder.load_encoder("mpnet"), recipe))
    with torch.no_grad():
        for value in model.parameters():
            if value.requires_grad:
                value.normal_(std=0.1)
                value.copy_(value.half())  # as it is stored
    labelled = [
        Example(f"{word} {n}", {"sentiment": n % 3, "topic": n % 20})
        for n, word in enumerate(MPNET_WORDS * 6)
    ]
    manifest = Manifest(
        name="tiny",
        encoder="mpnet",
        sentiments=SENTIMENTS,
        topics=TOPICS,
        max_tokens=32,
        calibration=Calibration(thresholds=(0.5,) * len(TOPICS)),
    )
    out = tmp_path_factory.mktemp("model")
    save(out, model, manifest, fit(labelled))
    return out


def save_mpnet(folder: Path) -> None:
    """Save a model of two layers, and a tokenizer that knows a few words."""
    torch, transformers = require("torch"), require("transformers")
    torch.manual_seed(7)
    words = ("<s>", "<pad>", "</s>", "[UNK]", *MPNET_WORDS, "<mask>")
    vocabulary = {word: index for index, word in enumerate(words)}
    transformers.MPNetTokenizer(vocab=vocabulary).save_pretrained(folder)
    config = transformers.MPNetConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=80,
        initializer_range=0.3,
    )
    model = transformers.MPNetModel(config)
    # So large that answers without them are others.
    torch.nn.init.normal_(model.encoder.relative_attention_bias.weight, std=3.0)
    model.save_pretrained(folder)
