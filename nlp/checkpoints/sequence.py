"""A transformers sequence classification checkpoint that somebody else trained.

Nothing is downloaded: a checkpoint that is not on this machine is an error. Weights must be
safetensors, since a pickle runs code; code that comes with a checkpoint is not run either.
"""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Final

from nlp.checkpoints.checkpoint_files import find_folder, fingerprint, load_checkpoint
from nlp.classifier import ModelError, ModelMissing
from nlp.inference.runner import BatchRunner, failures_as_model_errors
from nlp.inference.runtimes import torch_runtime
from nlp.normalise import CHARS_PER_TOKEN
from nlp.settings import ModelSettings

_WARM_UP: Final = ("Shares rise", "Shares of a company fall after it cut its forecast. " * 4, "")

Encoded = dict[str, list[int]]
"""The tokenizer's output for one text, such as token ids and attention mask, by name."""


class SequenceModel:
    """A checkpoint in memory. One thread at a time.

    Attributes:
        name: the last part of the checkpoint's folder or hub id.
        fingerprint: eight hex digits of the SHA-256 of its weights.
        labels: its labels, in the order of its outputs.
        multi_label: a text may have several labels, each with a probability of its own; otherwise
            the probabilities sum to 1.
    """

    def __init__(self, settings: ModelSettings) -> None:
        # Nobody has measured what a lower precision does to the answers of this checkpoint.
        dtype = "fp32" if settings.dtype == "auto" else settings.dtype
        self._runtime = torch_runtime(settings.model_copy(update={"dtype": dtype}))
        folder = find_folder(settings.model)
        self.fingerprint = fingerprint(folder)
        self.name = Path(settings.model).name
        model, self._tokenizer = load_checkpoint(settings.model, folder)
        config = model.config
        self.labels = [label for _, label in sorted((config.id2label or {}).items())]
        self.multi_label = config.problem_type == "multi_label_classification"
        # RoBERTa's positions begin after two that padding takes, and not every tokenizer says so.
        longest = self._tokenizer.model_max_length
        positions = getattr(config, "max_position_embeddings", longest)
        self._max_tokens = min(settings.max_tokens, int(min(positions - 2, longest)))
        self._runner = BatchRunner(self._runtime, settings.batch_tokens)
        self._model = self._runtime.prepare(model.train(mode=False))
        self._warm_up(settings.model)

    def probabilities(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the probability of each label for each text, in order.

        Raises:
            ModelError: the batch cannot be scored as it is.
            ModelBusy: other processes hold the device's memory.
        """
        if not texts:
            return []
        with failures_as_model_errors(self._runtime):
            shortened = [text[: self._max_tokens * CHARS_PER_TOKEN] for text in texts]
            columns = self._tokenizer(shortened, truncation=True, max_length=self._max_tokens)
            rows = zip(*columns.values(), strict=True)
            encoded: list[Encoded] = [dict(zip(columns, row, strict=True)) for row in rows]
            lengths = [len(text["input_ids"]) for text in encoded]
            return self._runner.run(encoded, lengths, self._forward)

    def _warm_up(self, name: str) -> None:
        """Score a few texts, to find out now whether the files of a checkpoint fit together."""
        try:
            rows = self.probabilities(_WARM_UP)
        except ModelError as error:
            if self._runtime.compiled:
                from nlp.inference.torch_runtime import compile_problem

                raise ModelMissing(f"model {name}: {compile_problem(error)}") from error
            raise ModelMissing(f"model {name} can't score a text: {error}") from error
        if not all(isfinite(probability) for row in rows for probability in row):
            raise ModelMissing(f"model {name} answers with NaN: its weights are damaged")

    def _forward(self, batch: Sequence[Encoded]) -> list[list[float]]:
        inputs = self._tokenizer.pad(list(batch), return_tensors="pt").to(self._runtime.device)
        logits = self._runtime.run(self._model, **inputs).logits
        # Double precision, on the CPU as not every device has it: probabilities must sum to 1.
        exact = logits.cpu().double()
        probabilities = exact.sigmoid() if self.multi_label else exact.softmax(-1)
        rows: list[list[float]] = probabilities.tolist()
        return rows
