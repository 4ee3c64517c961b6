"""Put a saved model together: the encoder with its stored changes merged into it, and the heads."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

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

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_PREFIX: Final = "base_model.model."
"""PEFT's prefix of the names of adapted layers."""


def assemble(folder: Path) -> MultiTask:
    """Load the model in ``folder`` in fp32, on the CPU, ready to answer.

    Raises:
        ModelMissing: a file is missing, damaged, or does not fit the encoder.
    """
    manifest = model_files.verify(folder)
    for task, labels in zip(TASKS, (manifest.sentiments, manifest.topics), strict=True):
        if labels != LABELS[task]:
            raise ModelMissing(f"{folder} has other {task} labels than this newsquake knows")
    has_delta = (folder / model_files.DELTA).exists()
    if not has_delta and not (folder / model_files.ADAPTER_CONFIG).exists():
        raise ModelMissing(
            f"{folder} has neither {model_files.ADAPTER_CONFIG} nor {model_files.DELTA}"
        )
    try:
        encoder = load_base_encoder(manifest.encoder, folder)
        if has_delta:
            delta.apply(encoder, load_file(folder / model_files.DELTA))
        model = MultiTask(encoder)
        heads = load_file(folder / model_files.HEADS)
        # Models of earlier releases do not say how severe news is: that head stays at zero.
        untrained = model.heads.state_dict()
        severity = {name: untrained[name] for name in untrained if name.startswith("severity.")}
        model.heads.load_state_dict(severity | heads)
    except (OSError, RuntimeError, KeyError, ValueError, SafetensorError, AttributeError) as error:
        first_line = str(error).splitlines()[0]
        raise ModelMissing(
            f"the model in {folder} is damaged or not whole: {first_line}"
        ) from error
    return model.float().eval()


def merge_adapters(encoder: nn.Module, weights: dict[str, Tensor], scale: float) -> None:
    """Add ``scale * B @ A`` of every adapted layer to its weight (Hu et al. 2021, section 4.2)."""
    for name, down in weights.items():
        layer, is_adapter, _ = name.removeprefix(_PREFIX).partition(".lora_A")
        if is_adapter:
            up = weights[name.replace(".lora_A", ".lora_B")]
            target = encoder.get_submodule(layer)
            with torch.no_grad():
                weight = target.get_parameter("weight")
                weight.add_(scale * (up.float() @ down.float()))


def load_base_encoder(name: str, folder: Path | None) -> "PreTrainedModel":
    """Load the encoder ``name`` as a delta is counted from it.

    This is the package's encoder, with the adapters in ``folder`` merged into it, if there are any.
    """
    encoder = load_encoder(name)
    if folder and (folder / model_files.ADAPTER_CONFIG).exists():
        config = orjson.loads((folder / model_files.ADAPTER_CONFIG).read_bytes())
        weights = load_file(folder / model_files.ADAPTER)
        merge_adapters(encoder, weights, config["lora_alpha"] / config["r"])
    return encoder
