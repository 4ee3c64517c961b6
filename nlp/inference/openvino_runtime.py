"""OpenVINO as a `Runtime`: newsquake's own models on a CPU, without PyTorch."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from typing import Any, ClassVar, Final, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from nlp.classifier import ModelMissing
from nlp.inference.openvino_graph import ATTENTIONS, Shape, build
from nlp.inference.openvino_library import openvino
from nlp.inference.prepared_models import PreparedModels
from nlp.inference.runtime import Matrix, Row, TokenIds
from nlp.settings import ModelSettings
from nlp.transformer import encoder, model_files
from nlp.transformer.weights import assemble_weights, check_files

PRECISIONS: Final = {"fp32": "f32", "bf16": "bf16"}
"""The precisions that are offered, and OpenVINO's names of them."""
_GRAPH: Final = 1
"""Raised when the graph or its options change: what was prepared before is prepared again."""


@dataclass(frozen=True, slots=True)
class OpenVinoRuntime:
    """OpenVINO on a CPU. See `Runtime` for its attributes.

    Attributes:
        prepared: where models are kept as OpenVINO prepared them, if anywhere.
    """

    name: ClassVar[str] = "openvino"
    device: ClassVar[str] = "cpu"
    dtype: str
    cores: int
    prepared: PreparedModels | None = None

    @classmethod
    def start(cls, settings: ModelSettings) -> Self:
        """Choose the precision and the number of cores.

        Raises:
            ModelMissing: OpenVINO does not offer what the settings ask for.
        """
        # bf16 changes the topics of more than one headline in two hundred: docs/models.md.
        dtype = "fp32" if settings.dtype == "auto" else settings.dtype
        if dtype not in PRECISIONS:
            raise ModelMissing(f"nlp.dtype {dtype} needs PyTorch: choose nlp.runtime=torch or auto")
        prepared = PreparedModels(settings.cache) if settings.cache else None
        return cls(dtype, settings.threads or count_cores(), prepared)

    @property
    def parallel_batches(self) -> int:
        """Return one batch a core."""
        return self.cores

    def use_cores(self, count: int) -> None:
        """Do nothing: each batch has one of OpenVINO's own threads, however many call it."""

    def load(self, folder: Path) -> "OpenVinoModel":
        """Load a model that newsquake trained.

        Raises:
            ModelMissing: a file is missing or damaged.
        """
        base = encoder.find(check_files(folder).encoder).folder()
        shape = _read_shape(base)
        core, options, key = openvino.Core(), self._options(), self._key(folder, base)
        stored = self.prepared.read(key) if self.prepared else None
        if stored is None:
            compiled = core.compile_model(build(assemble_weights(folder), shape), "CPU", options)
            if self.prepared:
                compiled.export_model(stream := BytesIO())
                self.prepared.keep(key, stream.getbuffer())
                stored = self.prepared.read(key)
        if stored is not None:  # also after it was just kept: its weights are shared memory
            tensor = openvino.Tensor(stored, shared_memory=True)
            compiled = core.import_model(tensor, "CPU", options)
        return OpenVinoModel(compiled, stored, shape.padding, self.cores)

    def is_out_of_memory(self, error: Exception) -> bool:
        """Return whether no memory could be had for a batch."""
        return isinstance(error, MemoryError)

    def is_device_lost(self, error: Exception) -> bool:  # noqa: ARG002 - the protocol's
        """Return False: a processor is not lost while the process runs."""
        return False

    def is_device_taken(self) -> bool:
        """Return False: memory that others take is swapped."""
        return False

    def softmax(self, logits: Matrix) -> Matrix:
        """Return probabilities that sum to 1 in each row."""
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: Matrix = powers / powers.sum(axis=1, keepdims=True)
        return probabilities

    def sigmoid(self, logits: Matrix) -> Matrix:
        """Return the logistic function of each number."""
        powers = np.exp(-np.abs(logits))
        probabilities: Matrix = np.where(logits < 0, powers, 1.0) / (1.0 + powers)
        return probabilities

    def _options(self) -> dict[str, Any]:
        return {
            "INFERENCE_PRECISION_HINT": PRECISIONS[self.dtype],
            # One thread a batch: threads that share a matrix product wait for the slowest.
            "NUM_STREAMS": self.cores,
            "INFERENCE_NUM_THREADS": self.cores,
            # Two workers on one machine would both sit on the first cores.
            "ENABLE_CPU_PINNING": False,
        }

    def _key(self, folder: Path, base: Path) -> str:
        """Return a name for what OpenVINO prepares: it depends on all of these."""
        weights = (base / "model.safetensors").stat()
        parts = (
            model_files.fingerprint(folder),
            f"{weights.st_size}-{weights.st_mtime_ns}",
            openvino.__version__,
            _property("FULL_DEVICE_NAME"),
            " ".join(sorted(_property("OPTIMIZATION_CAPABILITIES"))),
            f"{self.dtype} {self.cores} {_GRAPH}",
        )
        return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


class OpenVinoModel:
    """A model in the memory of OpenVINO."""

    def __init__(
        self,
        compiled: openvino.CompiledModel,
        memory: NDArray[np.uint8] | None,
        padding: int,
        parallel: int,
    ) -> None:
        """Make what ``parallel`` batches at the same time need; ``memory`` is the model's own."""
        self._memory, self._padding = memory, padding
        self._idle: SimpleQueue[openvino.InferRequest] = SimpleQueue()
        for _ in range(parallel):
            self._idle.put(compiled.create_infer_request())

    def forward(self, batch: Sequence[TokenIds]) -> list[Row]:
        """Return the logits of each window."""
        request = self._idle.get()
        try:
            request.infer([pad(batch, self._padding)], share_inputs=True)
            rows: Matrix = request.get_output_tensor().data
            return list(rows.copy())
        finally:
            self._idle.put(request)


def pad(batch: Sequence[TokenIds], padding: int) -> NDArray[np.int32]:
    """Return token ids, (windows, longest); short windows are filled up with ``padding``.

    >>> pad([[101, 102], [101, 7, 102]], 0).tolist()
    [[101, 102, 0], [101, 7, 102]]
    """
    ids = np.full((len(batch), max(map(len, batch))), padding, np.int32)
    for row, window in zip(ids, batch, strict=True):
        row[: len(window)] = window
    return ids


def count_cores() -> int:
    """Return the processor cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _property(name: str) -> Any:
    return openvino.Core().get_property("CPU", name)


def _read_shape(folder: Path) -> Shape:
    """Read the encoder's configuration.

    Raises:
        ModelMissing: it is no encoder that the graph computes.
    """
    try:
        config = orjson.loads((folder / "config.json").read_bytes())
        architecture, activation = config["model_type"], config["hidden_act"]
        places = config.get("position_embedding_type", "absolute")
        shape = Shape(
            architecture,
            config["num_attention_heads"],
            config["layer_norm_eps"],
            config["pad_token_id"],
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelMissing(f"{folder / 'config.json'} is no configuration: {error}") from error
    if architecture not in ATTENTIONS or (activation, places) != ("gelu", "absolute"):
        raise ModelMissing(
            f"OpenVINO does not run encoders of the kind {architecture} here: set nlp.runtime=torch"
        )
    return shape
