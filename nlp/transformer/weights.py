"""The weights of a saved model in numpy: the encoder's with its stored changes, and the heads'.

This is what `nlp.transformer.assemble` makes of the same files for PyTorch; both add the changes by
the functions here, so that a model has the same weights whichever library runs it.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from nlp.classifier import ModelMissing
from nlp.tasks import HEADS, LABELS, TASKS
from nlp.transformer import encoder, model_files
from nlp.transformer.compression import inflate

Array: TypeAlias = NDArray[Any]
Weights = dict[str, NDArray[np.float32]]
"""Weights by the names that transformers gives to those of an encoder, and ``sentiment.weight``
and the like for the heads. A matrix is (outputs, inputs)."""

STEP: Final = "step"
"""Name of the step size among the stored changes."""
_PREFIX: Final = "base_model.model."
"""PEFT's prefix of the names of adapted layers."""
_LAYER: Final = re.compile(r"encoder\.layer\.(\d+)\.")
_UNUSED: Final = ("pooler.", "embeddings.position_ids")
"""Beginnings of names in the encoder's file that its answers do not depend on."""


def assemble_weights(folder: Path) -> Weights:
    """Read the model in ``folder``: its encoder and its heads.

    Raises:
        ModelMissing: a file is missing, damaged, or does not fit the encoder.
    """
    manifest = check_files(folder)
    with damage_as_missing(folder):
        weights = read_encoder(encoder.find(manifest.encoder).folder())
        if adapters := read_adapters(folder):
            merge_adapters(weights, *adapters)
        if (folder / model_files.DELTA).exists():
            add_changes(weights, _load(folder / model_files.DELTA))
        if manifest.layers:
            weights = keep_layers(weights, manifest.layers)
        return weights | read_heads(folder, len(weights["embeddings.LayerNorm.weight"]))


def check_files(folder: Path) -> model_files.Manifest:
    """Return the manifest, if the files are whole and the labels are those of `nlp.tasks`.

    Raises:
        ModelMissing: they are not.
    """
    manifest = model_files.verify(folder)
    for task, labels in zip(TASKS, (manifest.sentiments, manifest.topics), strict=True):
        if labels != LABELS[task]:
            raise ModelMissing(f"{folder} has other {task} labels than this newsquake knows")
    if not any(
        (folder / name).exists() for name in (model_files.DELTA, model_files.ADAPTER_CONFIG)
    ):
        raise ModelMissing(
            f"{folder} has neither {model_files.ADAPTER_CONFIG} nor {model_files.DELTA}"
        )
    return manifest


@contextmanager
def damage_as_missing(folder: Path) -> Iterator[None]:
    """Turn whatever a damaged file leads to into one line.

    Raises:
        ModelMissing: a file of the model in ``folder`` is damaged.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, RuntimeError, KeyError, ValueError, SafetensorError, AttributeError) as error:
        first_line = str(error).splitlines()[0]
        raise ModelMissing(
            f"the model in {folder} is damaged or not whole: {first_line}"
        ) from error


def read_encoder(folder: Path) -> Weights:
    """Read the weights of an encoder, in fp32, without its pooler."""
    stored = _load(folder / "model.safetensors")
    return {
        name: value.astype(np.float32, copy=False)
        for name, value in stored.items()
        if not name.startswith(_UNUSED)
    }


def keep_layers(weights: Weights, layers: int) -> Weights:
    """Return the weights of an encoder without those of its layers above the lowest ``layers``."""
    numbers = {name: _LAYER.match(name) for name in weights}
    return {
        name: value
        for name, value in weights.items()
        if not (number := numbers[name]) or int(number[1]) < layers
    }


def read_adapters(folder: Path) -> tuple[Mapping[str, Array], float] | None:
    """Read the model's adapters and their scale, or return None if it has none."""
    if not (folder / model_files.ADAPTER_CONFIG).exists():
        return None
    config = orjson.loads((folder / model_files.ADAPTER_CONFIG).read_bytes())
    return _load(folder / model_files.ADAPTER), config["lora_alpha"] / config["r"]


def read_heads(folder: Path, width: int) -> Weights:
    """Read the heads of the model, in fp32.

    Models of earlier releases do not say how severe news is: that head stays at zero.

    Raises:
        ValueError: a head is missing, unknown, or has another shape.
    """
    shapes: dict[str, tuple[int, ...]] = {
        f"{head}.weight": (classes, width) for head, classes in HEADS.items()
    }
    shapes |= {f"{head}.bias": (classes,) for head, classes in HEADS.items()}
    severity = {
        name: np.zeros(shape, np.float32)
        for name, shape in shapes.items()
        if name.startswith("severity.")
    }
    heads = severity | _load(folder / model_files.HEADS)
    found = {name: value.shape for name, value in heads.items()}
    if found != shapes:
        raise ValueError(f"{model_files.HEADS} has other heads than {', '.join(HEADS)}")
    return {name: value.astype(np.float32) for name, value in heads.items()}


def merge_adapters(
    weights: Mapping[str, NDArray[np.float32]], adapters: Mapping[str, Array], scale: float
) -> None:
    """Add ``scale * B @ A`` of each adapted layer to its weight (Hu et al. 2021, section 4.2)."""
    for name, down in adapters.items():
        layer, is_adapter, _ = name.removeprefix(_PREFIX).partition(".lora_A")
        if is_adapter:
            up = adapters[name.replace(".lora_A", ".lora_B")]
            change = up.astype(np.float32) @ down.astype(np.float32)
            weights[f"{layer}.weight"][...] += np.float32(scale) * change


def add_changes(weights: Mapping[str, NDArray[np.float32]], stored: Mapping[str, Array]) -> None:
    """Add ``stored`` changes, in the format of `nlp.transformer.delta`, to ``weights``, in place.

    Raises:
        KeyError: a change is of a weight that the encoder does not have.
        ValueError: a change is damaged, or has another shape than its weight.
    """
    step = np.float32(stored[STEP])
    for name, change in stored.items():
        if name == STEP:
            continue
        weight = weights[name]
        if change.dtype == np.uint8:
            weight += inflate(change, weight.shape).astype(np.float32) * step
        elif change.shape == weight.shape:
            weight += change.astype(np.float32)
        else:
            raise ValueError(f"a change of shape {change.shape} does not fit {weight.shape}")


def _load(path: Path) -> dict[str, Array]:
    from safetensors.numpy import load_file

    return load_file(path)
