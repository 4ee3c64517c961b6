"""Writes a trained model, whole or not at all."""

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
from nlp.transformer.multitask import MultiTask
from nlp.transformer.ngrams import Ngrams

_STORED: Final = torch.float16
_ENCODER: Final = "sentence-transformers/all-MiniLM-L6-v2"

Contents = Mapping[str, Mapping[str, Any]]
"""File names with their content: tensors where the name ends in .safetensors, else JSON."""


def save(  # noqa: PLR0913 - what a model consists of
    folder: Path,
    model: MultiTask,
    manifest: model_files.Manifest,
    wide: Ngrams,
    *,
    step: float = 0.0,
    init: Path | None = None,
) -> model_files.Manifest:
    """Write what was learnt to ``folder``; the manifest as it is there.

    In half precision; changes of a whole encoder in steps of ``step``, if it is not 0, beside the
    adapters in ``init`` that it began with.
    """
    heads = {model_files.HEADS: _halved(model.heads.state_dict())}
    grams = {ngrams.FILE: {name: torch.tensor(it) for name, it in wide.stored().items()}}
    return write(folder, {**_encoder(model.encoder, step, init), **heads, **grams}, manifest)


def write(folder: Path, contents: Contents, manifest: model_files.Manifest) -> model_files.Manifest:
    """Replace the model in ``folder``; without its manifest, which comes last, there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    part = Path(mkdtemp(prefix=".part-", dir=folder))
    try:
        for name, content in contents.items():
            _write(part / name, content)
        digests = {name: sha256((part / name).read_bytes()).hexdigest() for name in contents}
        manifest = manifest.model_copy(update={"files": digests})
        (part / model_files.MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
        _replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return manifest


def _replace(part: Path, folder: Path) -> None:
    for name in (
        model_files.MANIFEST,
        model_files.ADAPTER,
        model_files.ADAPTER_CONFIG,
        model_files.DELTA,
        ngrams.FILE,
    ):
        (folder / name).unlink(missing_ok=True)
    for path in sorted(part.iterdir(), key=lambda path: path.name == model_files.MANIFEST):
        path.replace(folder / path.name)


def _encoder(encoder: Any, step: float, init: Path | None) -> dict[str, Mapping[str, Any]]:
    if not hasattr(encoder, "peft_config"):
        return {
            model_files.DELTA: delta.encode(encoder, load_base_encoder(init), step),
            **_adapters(init),
        }
    config = encoder.peft_config["default"]
    config.base_model_name_or_path, config.inference_mode = _ENCODER, True
    weights = require("peft").get_peft_model_state_dict(encoder, save_embedding_layers=False)
    return {model_files.ADAPTER: _halved(weights), model_files.ADAPTER_CONFIG: config.to_dict()}


def _adapters(init: Path | None) -> dict[str, Mapping[str, Any]]:
    if init is None or not (init / model_files.ADAPTER_CONFIG).exists():
        return {}
    config = orjson.loads((init / model_files.ADAPTER_CONFIG).read_bytes())
    return {
        model_files.ADAPTER: load_file(init / model_files.ADAPTER),
        model_files.ADAPTER_CONFIG: config,
    }


def _write(path: Path, content: Mapping[str, Any]) -> None:
    if path.suffix == ".safetensors":
        save_file(dict(content), path)
    else:
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
        path.write_bytes(orjson.dumps(content, default=_plain, option=options))
    path.chmod(0o644)


def _halved(found: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: it.detach().cpu().to(_STORED).contiguous() for name, it in found.items()}


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set) else str(value)
