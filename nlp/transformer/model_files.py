"""A trained model on disk: a folder of a few files.

=============================  ==================================================================
``newsquake.json``             the manifest
``heads.safetensors``          the heads
``adapter_model.safetensors``  low-rank changes of an encoder of `nlp.transformer.encoder`, in
                               PEFT's format, with ``adapter_config.json``
``delta.safetensors``          changes of all weights of that encoder, in the format of
                               `nlp.transformer.delta`; after the adapters, if there are any
``ngrams.safetensors``         the linear model of `nlp.transformer.ngrams`
=============================  ==================================================================
"""

from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlp.classifier import ModelMissing
from nlp.companies.company_list import NameReading, name_files
from nlp.tasks import TASKS, Head, Task

MANIFEST: Final = "newsquake.json"
HEADS: Final = "heads.safetensors"
ADAPTER: Final = "adapter_model.safetensors"
ADAPTER_CONFIG: Final = "adapter_config.json"
DELTA: Final = "delta.safetensors"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Calibration(_Frozen):
    """The map from logits to probabilities, fitted on held-out texts.

    Sentiment is ``softmax(logits / temperature)`` (Guo et al. 2017). A topic's score is
    ``sigmoid(scale * logit + shift)`` (Platt 1999).

    Attributes:
        blend: factors of the n-gram margins that are added to the logits of sentiment and topics.
        temperature: above 1 it makes sentiment less certain.
        scale: slope of the topics' scores.
        shift: offset of the topics' scores, in log-odds.
        thresholds: score from which a text carries the topic, for each topic.
    """

    blend: tuple[float, float] = (0.0, 0.0)
    temperature: float = Field(default=1.0, gt=0.0)
    scale: float = Field(default=1.0, gt=0.0)
    shift: float = 0.0
    thresholds: tuple[float, ...] = ()


class Manifest(_Frozen):
    """Description of a saved model, in ``newsquake.json``.

    Attributes:
        format: version of the folder's format.
        name: name of the model, the first part of its id.
        sentiments: labels of the sentiment head, in order.
        topics: labels of the topic head, in order.
        max_tokens: tokens of a text that the model was trained on.
        encoder: name in `nlp.transformer.encoder`.
        layers: lowest layers of the encoder that the model has; 0: all.
        calibration: the map from logits to probabilities.
        subjects: whether the model learnt what texts say about a company in them.
        names: how the model reads names of companies, see `nlp.companies.masking`.
        recipe: settings of the training.
        held_out: measures on the held-out texts, by name.
        files: SHA-256 of each other file of the folder.
    """

    format: int = 1
    name: str
    sentiments: tuple[str, ...]
    topics: tuple[str, ...]
    max_tokens: int
    encoder: str = "minilm"
    layers: int = Field(default=0, ge=0)
    calibration: Calibration = Calibration()
    subjects: bool = False
    names: NameReading = "as written"
    recipe: dict[str, Any] = {}
    held_out: dict[str, float] = {}
    files: dict[str, str] = {}


def is_saved(folder: Path) -> bool:
    """Return whether ``folder`` holds a model that newsquake trained."""
    return (folder / MANIFEST).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest in ``folder``.

    Raises:
        ModelMissing: there is none, or it is damaged.
    """
    try:
        manifest = Manifest.model_validate(orjson.loads((folder / MANIFEST).read_bytes()))
    except (OSError, ValueError, ValidationError) as error:
        first_line = str(error).splitlines()[0]
        raise ModelMissing(
            f"{folder / MANIFEST} is no manifest of a model: {first_line}"
        ) from error
    if manifest.format != 1:
        raise ModelMissing(f"{folder} has format {manifest.format}: a newer newsquake made it")
    return manifest


def trained_tasks(folder: Path) -> tuple[Task, ...]:
    """Return the tasks that the model in ``folder`` was trained on.

    Raises:
        ModelMissing: the file of the heads is damaged.
    """
    heads = trained_heads(folder)
    return tuple(task for task in TASKS if task in heads)


def trained_heads(folder: Path) -> tuple[Head, ...]:
    """Return the heads of the model in ``folder`` that were trained.

    A head begins at zero, and one that no row has taught anything is still zero. A folder for
    another runtime, without the file of the heads, has those of both tasks.

    Raises:
        ModelMissing: the file of the heads is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    if not (folder / HEADS).exists():
        return TASKS
    try:
        heads = load_file(folder / HEADS)
        tasks: list[Head] = [task for task in TASKS if heads[f"{task}.weight"].any()]
        severity = heads.get("severity.weight")
        return (*tasks, "severity") if severity is not None and severity.any() else (*tasks,)
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        first_line = str(error).splitlines()[0]
        raise ModelMissing(f"the model in {folder} is damaged: {HEADS}: {first_line}") from error


def check(folder: Path) -> None:
    """Check that the files of the model in ``folder`` are there and whole, without loading it.

    Raises:
        ModelMissing: a file is missing or damaged.
    """
    from safetensors import SafetensorError, safe_open

    verify(folder)
    adapters = (ADAPTER,) if (folder / ADAPTER_CONFIG).exists() else ()
    changes = (DELTA,) if (folder / DELTA).exists() or not adapters else ()
    for name in (HEADS, *adapters, *changes):
        try:
            with safe_open(folder / name, "np"):
                pass
        except (OSError, SafetensorError) as error:
            first_line = str(error).splitlines()[0]
            raise ModelMissing(f"the model in {folder} is damaged: {name}: {first_line}") from error


def verify(folder: Path) -> Manifest:
    """Read the manifest in ``folder``, and compare the other files with their digests.

    Raises:
        ModelMissing: there is no manifest, or a file is missing, cut short or altered.
    """
    manifest = read_manifest(folder)
    for name, expected in manifest.files.items():
        try:
            actual = sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise ModelMissing(f"the model in {folder} is not whole: {error}") from error
        if actual != expected:
            raise ModelMissing(f"the model in {folder} is damaged: {name} was cut short or altered")
    return manifest


def fingerprint(folder: Path) -> str:
    """Return eight hex digits of the SHA-256 of all files that decide about the answers."""
    digest = sha256()
    for path in sorted((*folder.glob("*.safetensors"), folder / MANIFEST)):
        digest.update(path.name.encode() + path.read_bytes())
    digest.update(name_files(read_manifest(folder).names))
    return digest.hexdigest()[:8]
