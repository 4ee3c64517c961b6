"""Sentiment by a transformers sequence classification checkpoint; topics by word list.

The only file that imports torch, and only when a checkpoint is loaded. Nothing is downloaded:
what is not on this machine is an error. Weights must be safetensors, since a pickle runs code.
"""

from collections.abc import Mapping, Sequence
from hashlib import file_digest, sha256
from importlib import import_module
from math import isclose
from pathlib import Path
from typing import Any, Final

from nlp.batching import in_batches
from nlp.choice import Nlp
from nlp.classifier import ModelError, ModelMissing, OutOfMemory, Scores, Unclassifiable
from nlp.lexicon import Lexicon
from nlp.sentiments import columns, folded

CHARS_PER_TOKEN: Final = 16
"""Ordinary text has fewer: what is past that many in a huge one is not even looked at."""

Encoded = Mapping[str, list[int]]


class Checkpoint:
    """A model in memory. One thread at a time."""

    def __init__(self, settings: Nlp) -> None:
        self._torch = _library("torch")
        transformers = _library("transformers")
        folder = _folder(settings.model)
        try:
            load = transformers.AutoModelForSequenceClassification.from_pretrained
            model = load(folder, local_files_only=True, use_safetensors=True)
            load = transformers.AutoTokenizer.from_pretrained
            self._tokenizer = load(folder, local_files_only=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelMissing(f"model {settings.model} can't be loaded: {error}") from error
        self._places = columns(model.config.id2label, settings.labels)
        self._device = _device(self._torch, settings.device)
        self._model = model.to(self._device).eval()
        self._max_tokens = min(settings.max_tokens, _longest(model, self._tokenizer))
        self._budget = settings.batch_tokens
        self._lexicon = Lexicon()
        self.model_id = f"{Path(settings.model).name}@{_fingerprint(folder)}"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify`."""
        try:
            encoded = self._prepare(texts)
            lengths = [len(one["input_ids"]) for one in encoded]
            rows = in_batches(encoded, lengths, self._budget, self._forward)
            return self._finish(texts, rows)
        except (ModelError, getattr(self._torch, "AcceleratorError", ModelError)):
            raise  # An accelerator in error stays so until the process ends: no text is at fault.
        except Exception as error:
            raise ModelError(f"{type(error).__name__}: {error}") from error

    def _prepare(self, texts: Sequence[str]) -> list[Encoded]:
        if not texts:
            return []
        cut = [text[: self._max_tokens * CHARS_PER_TOKEN] for text in texts]
        encoded = self._tokenizer(cut, truncation=True, max_length=self._max_tokens)
        rows = zip(*encoded.values(), strict=True)
        return [dict(zip(encoded, row, strict=True)) for row in rows]

    def _forward(self, batch: list[Encoded]) -> list[list[float]]:
        try:
            return self._probabilities(batch)
        except self._torch.OutOfMemoryError as error:
            if len(batch) == 1:
                raise OutOfMemory(f"one text does not fit {self._device}: {error}") from error
        half = len(batch) // 2
        return self._forward(batch[:half]) + self._forward(batch[half:])

    def _probabilities(self, batch: list[Encoded]) -> list[list[float]]:
        inputs = self._tokenizer.pad(batch, return_tensors="pt").to(self._device)
        with self._torch.inference_mode():
            logits = self._model(**inputs).logits
        # Double precision, on the CPU as not every device has it: the three must sum to 1.
        rows: list[list[float]] = logits.cpu().double().softmax(dim=-1).tolist()
        return rows

    def _finish(self, texts: Sequence[str], rows: list[list[float]]) -> list[Scores]:
        sentiments = [folded(row, self._places) for row in rows]
        if not all(isclose(sum(three), 1.0, abs_tol=1e-6) for three in sentiments):
            raise Unclassifiable("the model's answer is not a probability distribution")
        topics = [self._lexicon.topics(text) for text in texts]
        return [Scores(*three, found) for three, found in zip(sentiments, topics, strict=True)]


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise ModelMissing(
            f"a checkpoint needs {name}: install newsquake[transformers], "
            "or choose nlp.model=lexicon"
        ) from error


def _folder(model: str) -> Path:
    if Path(model).is_dir():
        return Path(model)
    try:
        found = _library("huggingface_hub").snapshot_download(model, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelMissing(
            f"model {model} is neither a directory nor in the local cache; nothing is downloaded "
            "by the pipeline: fetch it first, with the hub's own command"
        ) from error
    return Path(found)


def _device(torch: Any, wanted: str) -> str:
    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(device for device, there in has.items() if there)
    if not has[wanted.partition(":")[0]]:
        raise ModelMissing(f"device {wanted} is not available here: choose nlp.device=auto")
    return wanted


def _longest(model: Any, tokenizer: Any) -> int:
    # RoBERTa's positions begin after two that padding takes, and not every tokenizer says so.
    positions = getattr(model.config, "max_position_embeddings", tokenizer.model_max_length)
    return int(min(positions - 2, tokenizer.model_max_length))


def _fingerprint(folder: Path) -> str:
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelMissing(f"{folder} has no *.safetensors: convert the checkpoint first")
    digest = sha256()
    for path in weights:
        with path.open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    return digest.hexdigest()[:8]
