"""PyTorch's failures, told apart. No graphics card is needed: its answers are replaced."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from nlp.classifier import ModelBusy, ModelMissing, OutOfMemory
from nlp.inference.runner import BatchRunner, failures_as_model_errors
from nlp.inference.torch_runtime import TorchRuntime
from nlp.load import load
from nlp.settings import ModelSettings

pytestmark = pytest.mark.model
GIB = 1 << 30


@pytest.mark.parametrize(
    ("free", "reserved", "taken"),
    [(1, 75, False), (1, 5, True), (60, 5, False)],
    ids=["held by this process", "held by others", "free"],
)
def test_memory_that_others_hold_is_told_from_our_own(
    monkeypatch: pytest.MonkeyPatch, free: int, reserved: int, taken: bool
) -> None:
    """A text too long for the card would be tried for ever, or good texts be set aside."""
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free * GIB, 80 * GIB))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: reserved * GIB)
    assert TorchRuntime("cuda", "fp32").is_device_taken() is taken


@pytest.mark.parametrize(("free", "expected"), [(1, ModelBusy), (75, OutOfMemory)])
def test_a_text_that_does_not_fit_is_busy_or_out_of_memory(
    monkeypatch: pytest.MonkeyPatch, free: int, expected: type[Exception]
) -> None:
    """A worker would give up on articles while somebody trains on the same card."""
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free * GIB, 80 * GIB))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: GIB)
    runtime = TorchRuntime("cuda", "fp32")

    def forward(_: object) -> list[int]:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(expected), failures_as_model_errors(runtime):
        BatchRunner(runtime).run(["a", "b"], [1, 1], forward)


def test_a_missing_compiler_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user would read a page of a compiler's internals, and not what to install or to unset."""
    monkeypatch.setenv("PATH", "/nowhere")
    for compiler in ("g++", "clang++"):
        monkeypatch.setenv("CXX", compiler)
        with pytest.raises(ModelMissing, match=r"nlp.compile needs a compiler.*nlp.compile=false"):
            TorchRuntime.start(ModelSettings(device="cpu", compile=True))
    assert not TorchRuntime.start(ModelSettings(device="cpu")).compiled


def test_a_compiler_that_fails_is_told_in_a_line(
    make_checkpoint: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without the headers of Python would end in a page of commands of the compiler."""
    broken = tmp_path / "g++"
    broken.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && exec echo "g++ 13"\n'
        'echo "fatal error: Python.h: No such file" >&2\nexit 1\n'
    )
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    monkeypatch.setattr("torch._inductor.config.cpp.cxx", (None, str(broken)))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(ModelMissing, match=r"Python.h.* set nlp.compile=false") as refused:
        load(ModelSettings(model=str(make_checkpoint()), device="cpu", compile=True))
    assert len(str(refused.value)) < 500
