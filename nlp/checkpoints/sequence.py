"""A transformers sequence classification checkpoint that somebody else trained.

Nothing is downloaded: what is not on this machine is an error. Weights must be safetensors, since
a pickle runs code; code that comes with a checkpoint is not run either.
"""

from collections.abc import Mapping, Sequence
from hashlib import file_digest, sha256
from math import isfinite
from pathlib import Path
from typing import Any, Final

from nlp.classifier import ModelError, ModelMissing
from nlp.inference import device as devices
from nlp.inference.runner import BatchRunner, failures_told
from nlp.normalise import CHARS_PER_TOKEN
from nlp.plugins import what_there_is
from nlp.settings import ModelSettings
from nlp.transformer.encoder import library

_WARM_UP: Final = ("Shares rise", "Shares of a company fall after it cut its forecast. " * 4, "")

Encoded = Mapping[str, list[int]]


class SequenceModel:
    """A checkpoint in memory: gives a text a probability for each of its ``labels``.

    ``several`` says that a text may have several labels, each with a probability of its own;
    otherwise they sum to 1. One thread at a time.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._torch = library("torch")
        folder = _folder(settings.model)
        self.fingerprint = _fingerprint(folder)
        self.name = Path(settings.model).name
        model, self._tokenizer = _loaded(settings.model, folder)
        self.labels = [model.config.id2label[place] for place in sorted(model.config.id2label)]
        self.several = model.config.problem_type == "multi_label_classification"
        self._max_tokens = min(settings.max_tokens, _longest(model, self._tokenizer))
        self._device = devices.choose(self._torch, settings.device)
        self._passes = BatchRunner(self._torch, self._device, settings)
        self._model = self._placed(model.eval(), settings)
        self._try(settings.model)

    def probabilities(self, texts: Sequence[str]) -> list[list[float]]:
        """A row for each text, in order.

        Raises:
            ModelError: the batch cannot be scored as it is.
        """
        with failures_told(self._torch):
            encoded = self._prepare(texts)
            lengths = [len(one["input_ids"]) for one in encoded]
            return self._passes.run(encoded, lengths, self._forward)

    def _try(self, name: str) -> None:
        """Warm up, and find out now whether the parts of a checkpoint belong together."""
        try:
            rows = self.probabilities(_WARM_UP)
        except ModelError as error:
            raise ModelMissing(f"model {name} can't score a text: {error}") from error
        if not all(isfinite(share) for row in rows for share in row):
            raise ModelMissing(f"model {name} answers with NaN: its weights are damaged")

    def _placed(self, model: Any, settings: ModelSettings) -> Any:
        dtype = "fp32" if settings.dtype == "auto" else settings.dtype
        return devices.prepared(self._torch, model, self._device, dtype, compiled=settings.compile)

    def _prepare(self, texts: Sequence[str]) -> list[Encoded]:
        if not texts:
            return []
        cut = [text[: self._max_tokens * CHARS_PER_TOKEN] for text in texts]
        encoded = self._tokenizer(cut, truncation=True, max_length=self._max_tokens)
        rows = zip(*encoded.values(), strict=True)
        return [dict(zip(encoded, row, strict=True)) for row in rows]

    def _forward(self, batch: Sequence[Encoded]) -> list[list[float]]:
        inputs = self._tokenizer.pad(list(batch), return_tensors="pt").to(self._device)
        with self._torch.inference_mode():
            logits = self._model(**inputs).logits
        # Double precision, on the CPU as not every device has it: shares must sum to 1.
        exact = logits.cpu().double()
        rows: list[list[float]] = (exact.sigmoid() if self.several else exact.softmax(-1)).tolist()
        return rows


def _folder(model: str) -> Path:
    if Path(model).is_dir():
        return Path(model)
    try:
        found = library("huggingface_hub").snapshot_download(model, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelMissing(
            f"model {model} is neither a directory nor in the local cache; there is "
            f"{what_there_is()}. Nothing is downloaded by the pipeline: fetch a checkpoint first, "
            "with the hub's own command"
        ) from error
    return Path(found)


def _loaded(name: str, folder: Path) -> tuple[Any, Any]:
    transformers = library("transformers")
    broken = (OSError, ValueError, RuntimeError, KeyError, library("safetensors").SafetensorError)
    try:
        model, report = transformers.AutoModelForSequenceClassification.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except broken as error:
        said = str(error).strip().splitlines()[:1]
        raise ModelMissing(f"model {name} can't be loaded: {''.join(said)}") from error
    if report["missing_keys"]:
        raise ModelMissing(
            f"model {name} was not trained to classify: it has no weights for "
            f"{', '.join(sorted(report['missing_keys'])[:3])}"
        )
    # Without its files transformers makes a tokenizer of no words, and says nothing.
    if len(tokenizer.get_vocab()) <= len(tokenizer.all_special_ids):
        raise ModelMissing(f"model {name} can't be loaded: its tokenizer's files are missing")
    return model, tokenizer


def _longest(model: Any, tokenizer: Any) -> int:
    # RoBERTa's positions begin after two that padding takes, and not every tokenizer says so.
    positions = getattr(model.config, "max_position_embeddings", tokenizer.model_max_length)
    return int(min(positions - 2, tokenizer.model_max_length))


def _fingerprint(folder: Path) -> str:
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
