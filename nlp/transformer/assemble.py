"""A saved model put together: the encoder with what was learnt merged into it, and the heads."""

from pathlib import Path
from typing import Any, Final

import orjson
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from nlp.classifier import ModelMissing
from nlp.tasks import LABELS, TASKS
from nlp.transformer import delta, model_files
from nlp.transformer.encoder import load_encoder
from nlp.transformer.multitask import MultiTask

_PREFIX: Final = "base_model.model."


def assemble(folder: Path) -> MultiTask:
    """The model in ``folder``, in fp32, on the CPU, ready to answer.

    Raises:
        ModelMissing: a file is missing, damaged, or does not fit the encoder.
    """
    _check_labels(folder)
    try:
        model = MultiTask(_encoder(folder))
        model.heads.load_state_dict(load_file(folder / model_files.HEADS))
    except (OSError, RuntimeError, KeyError, ValueError, SafetensorError, AttributeError) as error:
        said = str(error).splitlines()[0]
        raise ModelMissing(f"the model in {folder} is damaged or not whole: {said}") from error
    return model.float().eval()


def merge(encoder: nn.Module, weights: dict[str, Tensor], scale: float) -> None:
    """Add ``scale * B @ A`` of every adapted layer to its weight (Hu et al. 2021, section 4.2)."""
    for name, down in weights.items():
        layer, found, _ = name.removeprefix(_PREFIX).partition(".lora_A")
        if found:
            up = weights[name.replace(".lora_A", ".lora_B")]
            target = encoder.get_submodule(layer)
            with torch.no_grad():
                weight = target.get_parameter("weight")
                weight.add_(scale * (up.float() @ down.float()))


def beneath(folder: Path | None) -> Any:
    """The encoder that a change is counted from: with the adapters in ``folder``, if it has any."""
    encoder = load_encoder()
    if folder and (folder / model_files.ADAPTER_CONFIG).exists():
        config = orjson.loads((folder / model_files.ADAPTER_CONFIG).read_bytes())
        merge(encoder, load_file(folder / model_files.ADAPTER), config["lora_alpha"] / config["r"])
    return encoder


def _encoder(folder: Path) -> Any:
    encoder = beneath(folder)
    if (folder / model_files.DELTA).exists():
        delta.add(encoder, load_file(folder / model_files.DELTA))
    elif not (folder / model_files.ADAPTER_CONFIG).exists():
        raise ModelMissing(
            f"{folder} has neither {model_files.ADAPTER_CONFIG} nor {model_files.DELTA}"
        )
    return encoder


def _check_labels(folder: Path) -> None:
    manifest = model_files.verify(folder)
    for task, found in zip(TASKS, (manifest.sentiments, manifest.topics), strict=True):
        if found != LABELS[task]:
            raise ModelMissing(f"{folder} has other {task} labels than this newsquake knows")
