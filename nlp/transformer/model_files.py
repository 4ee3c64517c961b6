"""A trained model on disk: a folder of a few files.

``newsquake.json`` says what it is; ``heads.safetensors`` has the heads; what was learnt besides is
added to the encoder of `nlp.transformer.encoder`: ``adapter_model.safetensors`` with its
``adapter_config.json`` (PEFT's format), ``delta.safetensors`` (that of `nlp.transformer.delta`), or
one after the other; ``ngrams.safetensors`` has the linear model of `nlp.transformer.ngrams`.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlp.classifier import ModelMissing

MANIFEST: Final = "newsquake.json"
HEADS: Final = "heads.safetensors"
ADAPTER: Final = "adapter_model.safetensors"
ADAPTER_CONFIG: Final = "adapter_config.json"
DELTA: Final = "delta.safetensors"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Calibration(_Frozen):
    """From logits to probabilities, fitted on held-out texts.

    To the logits of sentiment and topics the margins of `nlp.transformer.ngrams` are added,
    ``blend`` times. Sentiment is ``softmax(logits / temperature)`` (Guo et al. 2017); a topic's
    score is ``sigmoid(scale * logit + shift)`` (Platt 1999), and it is carried from ``thresholds``
    up.
    """

    blend: tuple[float, float] = (0.0, 0.0)

    temperature: float = Field(default=1.0, gt=0.0)
    scale: float = Field(default=1.0, gt=0.0)
    shift: float = 0.0
    thresholds: tuple[float, ...] = ()


class Manifest(_Frozen):
    """What a saved model is."""

    format: int = 1
    name: str
    sentiments: tuple[str, ...]
    topics: tuple[str, ...]
    max_tokens: int
    calibration: Calibration = Calibration()
    recipe: dict[str, Any] = {}
    held_out: dict[str, float] = {}
    files: dict[str, str] = {}
    """SHA-256 of the files beside it."""


def is_saved(folder: Path) -> bool:
    """Whether ``folder`` holds a model that newsquake trained."""
    return (folder / MANIFEST).is_file()


def read_manifest(folder: Path) -> Manifest:
    """The manifest in ``folder``.

    Raises:
        ModelMissing: there is none, or it is damaged.
    """
    try:
        found = Manifest.model_validate(orjson.loads((folder / MANIFEST).read_bytes()))
    except (OSError, ValueError, ValidationError) as error:
        said = str(error).splitlines()[0]
        raise ModelMissing(f"{folder / MANIFEST} is no manifest of a model: {said}") from error
    if found.format != 1:
        raise ModelMissing(f"{folder} has format {found.format}: a newer newsquake made it")
    return found


def check(folder: Path) -> None:
    """Look whether the model in ``folder`` is there and whole, without loading it.

    Raises:
        ModelMissing: it is not.
    """
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415 - with transformers only

    verify(folder)
    adapters = (ADAPTER,) if (folder / ADAPTER_CONFIG).exists() else ()
    changes = (DELTA,) if (folder / DELTA).exists() or not adapters else ()
    for name in (HEADS, *adapters, *changes):
        try:
            with safe_open(folder / name, "np"):
                pass
        except (OSError, SafetensorError) as error:
            said = str(error).splitlines()[0]
            raise ModelMissing(f"the model in {folder} is damaged: {name}: {said}") from error


def verify(folder: Path) -> Manifest:
    """The manifest in ``folder``, whose files are as they were when they were written.

    Raises:
        ModelMissing: there is none, or a file is missing, cut short or altered.
    """
    manifest = read_manifest(folder)
    for name, digest in manifest.files.items():
        try:
            found = sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise ModelMissing(f"the model in {folder} is not whole: {error}") from error
        if found != digest:
            raise ModelMissing(f"the model in {folder} is damaged: {name} was cut short or altered")
    return manifest


def fingerprint(folder: Path) -> str:
    """Eight hex digits of everything that decides about the answers."""
    digest = sha256()
    for path in sorted((*folder.glob("*.safetensors"), folder / MANIFEST)):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:8]
