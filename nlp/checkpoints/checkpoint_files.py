"""The files of a transformers checkpoint: folder, weights and tokenizer, and fingerprint."""

from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.classifier import ModelMissing
from nlp.optional import require
from nlp.plugins import describe_available_models

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def find_folder(model: str) -> Path:
    """Find the checkpoint's folder, by its path or in the hub's local cache.

    Raises:
        ModelMissing: it is in neither place.
    """
    if Path(model).is_dir():
        return Path(model)
    try:
        folder = require("huggingface_hub").snapshot_download(model, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelMissing(
            f"model {model} is neither a directory nor in the local cache; there is "
            f"{describe_available_models()}. Nothing is downloaded by the pipeline: fetch a "
            "checkpoint first, with the hub's own command"
        ) from error
    return Path(folder)


def load_checkpoint(name: str, folder: Path) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """Return the model, in fp32, and the tokenizer in ``folder``; errors call the model ``name``.

    The weights may be stored in any precision. transformers would keep the stored one.

    Raises:
        ModelMissing: the files are damaged or missing, or the model was not trained to classify.
    """
    transformers = require("transformers")
    damage = (OSError, ValueError, RuntimeError, KeyError, require("safetensors").SafetensorError)
    try:
        model, report = transformers.AutoModelForSequenceClassification.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,  # without it a terminal would be asked
            output_loading_info=True,
            dtype=require("torch").float32,
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except damage as error:
        first_line = "".join(str(error).strip().splitlines()[:1])
        raise ModelMissing(f"model {name} can't be loaded: {first_line}") from error
    if report["missing_keys"]:
        raise ModelMissing(
            f"model {name} was not trained to classify: it has no weights for "
            f"{', '.join(sorted(report['missing_keys'])[:3])}"
        )
    # Without its files transformers makes a tokenizer without words, and reports no error.
    if len(tokenizer.get_vocab()) <= len(tokenizer.all_special_ids):
        raise ModelMissing(f"model {name} can't be loaded: its tokenizer's files are missing")
    return model, tokenizer


def fingerprint(folder: Path) -> str:
    """Return eight hex digits of the SHA-256 of the weights.

    Raises:
        ModelMissing: the folder holds no model, or its weights are not safetensors.
    """
    if not (folder / "config.json").is_file():
        raise ModelMissing(f"{folder} is no model: it has neither newsquake.json nor config.json")
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelMissing(
            f"{folder} has no *.safetensors, and a pickle, which can run code, is not read: load "
            "it where you trust it and write it with save_pretrained"
        )
    digest = sha256()
    for path in weights:
        with path.open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    return digest.hexdigest()[:8]
