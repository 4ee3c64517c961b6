"""PyTorch's failures, told apart. No graphics card is needed: its answers are replaced."""

import pytest
import torch

from nlp.classifier import ModelBusy, OutOfMemory
from nlp.inference.runner import BatchRunner, failures_as_model_errors
from nlp.inference.torch_runtime import TorchRuntime

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
