"""Write a trained model such that its folder never holds a part of one."""

import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import orjson
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from nlp.optional import require
from nlp.transformer import delta, model_files, ngrams
from nlp.transformer.assemble import load_base_encoder
from nlp.transformer.encoder import find
from nlp.transformer.model_files import Manifest
from nlp.transformer.multitask import MultiTask
from nlp.transformer.ngrams import Ngrams

_REPLACED_FILES: Final = (
    model_files.ADAPTER,
    model_files.ADAPTER_CONFIG,
    model_files.DELTA,
    ngrams.FILE,
)
"""Files of an earlier model that the new one may not have."""

Contents = Mapping[str, Mapping[str, Any]]
"""Content of each file: named tensors if its name ends in .safetensors, else JSON."""


def save(  # noqa: PLR0913 - the parts of a model
    folder: Path,
    model: MultiTask,
    manifest: Manifest,
    ngram_model: Ngrams,
    *,
    step: float = 0.0,
    init: Path | None = None,
) -> Manifest:
    """Replace the model in ``folder``, and return the manifest with the digests of its files.

    Args:
        folder: of the model; it is made if missing.
        model: its weights are written in half precision.
        manifest: without digests.
        ngram_model: is written beside it.
        step: quantisation step of the encoder's changes, or 0 to store them unquantised.
        init: folder of the model that training started from; if that has adapters, they are copied.
    """
    contents = {
        **_encoder_contents(model.encoder, manifest.encoder, step, init),
        model_files.HEADS: _as_float16(model.heads.state_dict()),
        ngrams.FILE: {name: torch.tensor(array) for name, array in ngram_model.stored().items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=".part-", dir=folder))
    try:
        for name, content in contents.items():
            _write(draft / name, content)
        digests = {name: sha256((draft / name).read_bytes()).hexdigest() for name in contents}
        manifest = manifest.model_copy(update={"files": digests})
        (draft / model_files.MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")

        # The manifest goes first and comes last: a folder without one holds no model.
        for name in (model_files.MANIFEST, *_REPLACED_FILES):
            (folder / name).unlink(missing_ok=True)
        paths = sorted(draft.iterdir(), key=lambda path: path.name == model_files.MANIFEST)
        for path in paths:
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _encoder_contents(encoder: Any, name: str, step: float, init: Path | None) -> Contents:
    """Return the files of the encoder: its adapters, or its changes and the adapters of ``init``.

    An encoder with a ``peft_config`` was trained by adapters.
    """
    if hasattr(encoder, "peft_config"):
        config = encoder.peft_config["default"].to_dict()
        weights = require("peft").get_peft_model_state_dict(encoder, save_embedding_layers=False)
        return {
            model_files.ADAPTER: _as_float16(weights),
            model_files.ADAPTER_CONFIG: {
                **config,
                "base_model_name_or_path": find(name).source,
                "inference_mode": True,
            },
        }

    changes = {model_files.DELTA: delta.encode(encoder, load_base_encoder(name, init), step)}
    if init is None or not (init / model_files.ADAPTER_CONFIG).exists():
        return changes
    return {
        **changes,
        model_files.ADAPTER: load_file(init / model_files.ADAPTER),
        model_files.ADAPTER_CONFIG: orjson.loads((init / model_files.ADAPTER_CONFIG).read_bytes()),
    }


def _as_float16(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name: tensor.detach().cpu().to(torch.float16).contiguous()
        for name, tensor in weights.items()
    }


def _write(path: Path, content: Mapping[str, Any]) -> None:
    def plain(value: object) -> object:
        return sorted(value) if isinstance(value, set) else str(value)

    if path.suffix == ".safetensors":
        save_file(dict(content), path)
    else:
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
        path.write_bytes(orjson.dumps(content, default=plain, option=options))
    path.chmod(0o644)
