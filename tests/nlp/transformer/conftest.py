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
