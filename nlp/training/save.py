"""Writes a trained model, whole or not at all."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import orjson
import torch
from safetensors.torch import save_file
from torch import Tensor

from nlp.transformer import ngrams, saved
from nlp.transformer.encoder import library
from nlp.transformer.multitask import MultiTask
from nlp.transformer.ngrams import Ngrams

_STORED: Final = torch.float16
_ENCODER: Final = "sentence-transformers/all-MiniLM-L6-v2"

Contents = Mapping[str, Mapping[str, Any]]
"""File names with their content: tensors where the name ends in .safetensors, else JSON."""


def save(folder: Path, model: MultiTask, manifest: saved.Manifest, wide: Ngrams) -> None:
    """Write what was learnt to ``folder``, in half precision."""
    heads = {saved.HEADS: model.heads.state_dict()}
    write(folder, {**_encoder(model.encoder), **heads, ngrams.FILE: tensors(wide)}, manifest)


def tensors(wide: Ngrams) -> dict[str, Tensor]:
    """The n-gram model as it is stored."""
    return {name: torch.from_numpy(value) for name, value in wide._asdict().items()}


def write(folder: Path, contents: Contents, manifest: saved.Manifest) -> None:
    """Replace the model in ``folder``; without its manifest, which comes last, there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    part = Path(mkdtemp(prefix=".part-", dir=folder))
    try:
        for name, content in contents.items():
            _write(part / name, content)
        (part / saved.MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
        _replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _replace(part: Path, folder: Path) -> None:
    for name in (saved.MANIFEST, saved.ADAPTER, saved.ADAPTER_CONFIG, saved.ENCODER, ngrams.FILE):
        (folder / name).unlink(missing_ok=True)
    for path in sorted(part.iterdir(), key=lambda path: path.name == saved.MANIFEST):
        path.replace(folder / path.name)


def _encoder(encoder: Any) -> dict[str, Mapping[str, Any]]:
    if not hasattr(encoder, "peft_config"):
        named = encoder.named_parameters()
        return {saved.ENCODER: {name: value for name, value in named if value.requires_grad}}
    config = encoder.peft_config["default"]
    config.base_model_name_or_path, config.inference_mode = _ENCODER, True
    weights = library("peft").get_peft_model_state_dict(encoder, save_embedding_layers=False)
    return {saved.ADAPTER: weights, saved.ADAPTER_CONFIG: config.to_dict()}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    if path.suffix == ".safetensors":
        save_file({name: _stored(value) for name, value in content.items()}, path)
    else:
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
        path.write_bytes(orjson.dumps(content, default=_plain, option=options))
    path.chmod(0o644)


def _stored(value: Tensor) -> Tensor:
    fine = value.detach().cpu()
    return (fine.to(_STORED) if fine.is_floating_point() else fine).contiguous()


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set) else str(value)
