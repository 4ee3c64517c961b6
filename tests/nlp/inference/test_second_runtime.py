"""A runtime other than PyTorch goes through the same batches and keeps the same contract.

`NumpyRuntime` is the example of docs/how-to/add-a-model-runtime.md: a linear model over the tokens
of a text, in numpy alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final
from zlib import crc32

import numpy as np
import pytest

from nlp.classifier import (
    Classifier,
    DeviceLost,
    ModelBusy,
    ModelError,
    ModelMissing,
    OutOfMemory,
    Scores,
)
from nlp.contract import CHECKS
from nlp.inference.runner import BatchRunner, failures_as_model_errors
from nlp.inference.runtime import Matrix, Row, Runtime, TokenIds
from nlp.settings import ModelSettings
from nlp.tasks import LABELS

WEIGHTS: Final = "weights.npy"
"""File of the model: (tokens, sentiments and topics), float32."""
TOKENS = 30_522
CLASSES = sum(map(len, LABELS.values()))
Check = Callable[[Classifier], None]


class BatchTooLargeError(Exception):
    """The device has no memory for a batch of this size."""


@dataclass(frozen=True)
class NumpyRuntime:
    """Numpy on a CPU, or on a make-believe device with little memory.

    Attributes:
        max_batch_tokens: tokens that the device has memory for, padding included.
    """

    name: ClassVar[str] = "numpy"
    device: ClassVar[str] = "cpu"
    dtype: ClassVar[str] = "fp32"
    cores: ClassVar[int] = 1
    max_batch_tokens: int = 1 << 20
    parallel_batches: int = 1
    taken: bool = False

    def load(self, folder: Path) -> "NumpyModel":
        try:
            return NumpyModel(np.load(folder / WEIGHTS), self.max_batch_tokens)
        except OSError as error:
            raise ModelMissing(f"{folder} has no {WEIGHTS}: {error}") from error

    def use_cores(self, count: int) -> None:
        """Numpy needs nothing: its indexing uses one core."""

    def is_out_of_memory(self, error: Exception) -> bool:
        return isinstance(error, BatchTooLargeError)

    def is_device_lost(self, error: Exception) -> bool:
        return isinstance(error, SystemError)

    def is_device_taken(self) -> bool:
        return self.taken

    def softmax(self, logits: Matrix) -> Matrix:
        powers: Matrix = np.exp(logits - logits.max(axis=1, keepdims=True))
        powers /= powers.sum(axis=1, keepdims=True)
        return powers

    def sigmoid(self, logits: Matrix) -> Matrix:
        shares: Matrix = 1.0 / (1.0 + np.exp(-logits))
        return shares


@dataclass(frozen=True)
class NumpyModel:
    """Logits are the mean of the tokens' weights, so that padding is not even needed."""

    weights: Row
    max_batch_tokens: int

    def forward(self, batch: Sequence[TokenIds]) -> list[Row]:
        if len(batch) * max(map(len, batch)) > self.max_batch_tokens:
            raise BatchTooLargeError
        return [self.weights[list(window)].mean(axis=0) for window in batch]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights."""
    folder = tmp_path_factory.mktemp("numpy")
    weights = np.random.default_rng(7).normal(size=(TOKENS, CLASSES)).astype(np.float32)
    np.save(folder / WEIGHTS, weights)
    return folder


class BagOfWords:
    """The smallest classifier on top of a runtime: hashed words, and no calibration."""

    model_id = "bag-of-words"

    def __init__(self, folder: Path, runtime: Runtime, batch_tokens: int = 64) -> None:
        self._runtime = runtime
        self._model = runtime.load(folder)
        self._runner = BatchRunner(runtime, batch_tokens)

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        with failures_as_model_errors(self._runtime):
            ids = [self._tokens(text) for text in texts]
            rows = self._runner.run(ids, list(map(len, ids)), self._model.forward)
        if not rows:
            return []
        logits = np.stack(rows).astype(np.float64)
        sentiment = self._runtime.softmax(logits[:, :3]).tolist()
        topics = self._runtime.sigmoid(logits[:, 3:]).tolist()
        return [
            Scores(negative, neutral, positive, dict(zip(LABELS["topic"], scores, strict=True)))
            for (negative, neutral, positive), scores in zip(sentiment, topics, strict=True)
        ]

    @staticmethod
    def _tokens(text: str) -> list[int]:
        return [101, *(crc32(word.encode()) % TOKENS for word in text.split()[:60])]


@pytest.mark.parametrize("parallel", [1, 2])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_keeps_the_contract(check: Check, folder: Path, parallel: int) -> None:
    """A second library could be added and score an article by the batch that it is in."""
    check(BagOfWords(folder, NumpyRuntime(parallel_batches=parallel)))


def test_its_full_device_gets_smaller_batches(folder: Path) -> None:
    """Only PyTorch's own error would halve a batch; any other library's would set texts aside."""
    texts = [f"shares of company {number} fall" for number in range(40)]
    roomy = BagOfWords(folder, NumpyRuntime(), batch_tokens=1_000)
    narrow = BagOfWords(folder, NumpyRuntime(max_batch_tokens=20), batch_tokens=1_000)
    assert narrow.classify(texts) == roomy.classify(texts)


def test_a_text_that_never_fits_is_out_of_memory(folder: Path) -> None:
    """A poison text could not be told from a device that others use."""
    runtime = NumpyRuntime(max_batch_tokens=3)
    with pytest.raises(OutOfMemory):
        BagOfWords(folder, runtime).classify(["four words are many"])


def test_a_device_that_others_hold_is_busy(folder: Path) -> None:
    """Good articles would be set aside while somebody trains on the same card."""
    runtime = NumpyRuntime(max_batch_tokens=3, taken=True)
    with pytest.raises(ModelBusy, match="other processes"):
        BagOfWords(folder, runtime).classify(["four words are many"])


def test_a_lost_device_ends_the_process_and_any_other_failure_is_the_batch_s() -> None:
    """Every article would be set aside by a card that is broken, or a bad text end the worker."""
    with pytest.raises(DeviceLost, match="off the bus"), failures_as_model_errors(NumpyRuntime()):
        raise SystemError("the device fell off the bus")
    with pytest.raises(ModelError, match="KeyError"), failures_as_model_errors(NumpyRuntime()):
        raise KeyError("token")


@pytest.mark.model
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_saved_model_runs_in_it(check: Check, folder: Path, saved_model: Path) -> None:
    """A second runtime would need a classifier, a tokenizer and a calibration of its own too."""
    from nlp.transformer.transformer import Transformer

    (folder / "newsquake.json").write_bytes((saved_model / "newsquake.json").read_bytes())
    check(Transformer(folder, ModelSettings(windows=True, max_tokens=32), NumpyRuntime()))
