"""The library and the precision that are chosen for a model."""

import pytest

from nlp.inference import runtimes
from nlp.settings import ModelSettings

pytestmark = pytest.mark.model

CHOICES = [
    ({}, False, False),
    ({}, True, True),
    ({"device": "cpu"}, True, False),
    ({"device": "cuda"}, False, True),
    ({"dtype": "int8"}, False, True),
    ({"compile": True}, False, True),
    ({"runtime": "torch"}, False, True),
    ({"runtime": "openvino"}, True, False),
]


@pytest.mark.parametrize(("settings", "card", "torch"), CHOICES, ids=str)
def test_pytorch_runs_what_only_it_can(
    settings: dict[str, object], card: bool, torch: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A graphics card would stand idle, or a machine without one would need three gigabytes."""
    monkeypatch.setattr(runtimes, "has_card", lambda: card)
    assert runtimes.needs_torch(ModelSettings.model_validate(settings)) is torch


@pytest.mark.parametrize(
    ("missing", "card", "torch"), [("openvino", False, True), ("torch", True, False)]
)
def test_the_library_that_is_there_runs_the_model(
    missing: str, card: bool, torch: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either extra alone would ask for the other one."""
    monkeypatch.setattr(runtimes, "has_card", lambda: card)
    monkeypatch.setattr(runtimes, "find_spec", lambda name: None if name == missing else object())
    assert runtimes.needs_torch(ModelSettings()) is torch


def test_labels_are_those_of_full_precision_unless_speed_is_asked_for() -> None:
    """One headline in a hundred would get other topics on some processors, and nobody knew why."""
    start = runtimes.openvino_runtime
    assert start(ModelSettings()).dtype == "fp32"
    assert start(ModelSettings(dtype="bf16")).dtype == "bf16"
