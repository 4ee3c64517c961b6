"""The unpacked files and the options of a run on a graphics card."""

import json
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from gpu_model import BareRuntime, Network, read_network

Row = dict[str, Any]
SAMPLE: Final = "sample.json"
MODEL: Final = "model"


class Sample(NamedTuple):
    """Input, and the answers of the machine that packed it.

    Attributes:
        texts: headlines.
        windows: their token ids, from the shortest to the longest.
        answers: (negative, neutral, positive) of the first texts, in fp32.
        topics: the topics that the first texts carry.
    """

    texts: list[str]
    windows: list[list[int]]
    answers: list[list[float]]
    topics: list[list[str]]


class Bench:
    """The unpacked files and the options of a run.

    Attributes:
        device: where it is measured, ``cuda`` or ``cpu``.
        turn: seconds of each measurement.
        sizes: windows in a batch.
        limits: seconds of each phase.
    """

    def __init__(self, folder: Path, options: dict[str, Any]) -> None:
        self.device: str = options["device"] or ("cuda" if torch.cuda.is_available() else "cpu")
        self.turn: float = options["turn"]
        self.sizes: Sequence[int] = options["sizes"]
        self.limits: dict[str, float] = options["limits"]
        self.best_dtype = "bf16" if self.device == "cuda" else "fp32"
        self._folder = folder

    @cached_property
    def sample(self) -> Sample:
        """The headlines."""
        return Sample(**json.loads((self._folder / SAMPLE).read_text("utf-8")))

    @cached_property
    def network(self) -> Network:
        """The network in fp32, on the CPU."""
        return read_network(self._folder / MODEL)

    def model(self, dtype: str) -> Any:
        """Return the whole model, from texts to scores."""
        from nlp.settings import ModelSettings
        from nlp.transformer.transformer import Transformer

        runtime = BareRuntime(self.network, self.device, dtype)
        return Transformer(self._folder / MODEL, ModelSettings(), runtime)

    def seconds_of(self, work: Callable[[], None]) -> float:
        """Return how long ``work`` takes until the device has done it."""
        wait = torch.cuda.synchronize if self.device == "cuda" else bool
        wait()
        began = time.perf_counter()
        work()
        wait()
        return time.perf_counter() - began
