"""Put a saved model together for PyTorch: the encoder with its stored changes, and the heads."""

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.numpy import load_file

from nlp.transformer import delta, model_files, weights
from nlp.transformer.encoder import keep_layers, load_encoder
from nlp.transformer.multitask import MultiTask

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def assemble(folder: Path) -> MultiTask:
    """Load the model in ``folder`` in fp32, on the CPU, ready to answer.

    Raises:
        ModelMissing: a file is missing, damaged, or does not fit the encoder.
    """
    manifest = weights.check_files(folder)
    with weights.damage_as_missing(folder):
        encoder = keep_layers(load_base_encoder(manifest.encoder, folder), manifest.layers)
        if (folder / model_files.DELTA).exists():
            changes = load_file(folder / model_files.DELTA)
            weights.add_changes(delta.shared_arrays(encoder), changes)
        model = MultiTask(encoder)
        heads = weights.read_heads(folder, encoder.config.hidden_size)
        model.heads.load_state_dict({name: torch.from_numpy(heads[name]) for name in heads})
    return model.float().eval()


def load_base_encoder(name: str, folder: Path | None) -> "PreTrainedModel":
    """Load the encoder ``name`` as a delta is counted from it.

    This is the package's encoder, with the adapters in ``folder`` merged into it, if there are any.
    """
    encoder = load_encoder(name)
    if folder and (adapters := weights.read_adapters(folder)):
        weights.merge_adapters(delta.shared_arrays(encoder), *adapters)
    return encoder
