"""The model that ``auto`` stands for."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from infra.doctor.model import use_model
from infra.settings.model import load as load_settings
from nlp import automatic
from nlp.automatic import Choice, choice_of, choose
from nlp.inference import runtimes, torch_runtime
from nlp.settings import ModelSettings
from nlp.transformer import large_encoder

pytestmark = pytest.mark.model

CHOICES = [
    ({}, "", "large", "cuda"),
    ({"device": "cuda"}, "", "large", "cuda"),
    ({"device": "cpu"}, "", "shipped", "nlp.device=cpu"),
    ({"runtime": "openvino"}, "", "shipped", "PyTorch"),
    ({}, "card", "shipped", "no graphics card"),
    ({}, "torch", "shipped", "PyTorch"),
    ({}, "encoder", "shipped", "the extra large"),
    ({}, "driver", "shipped", "PyTorch finds no graphics card"),
]


@pytest.mark.parametrize(("options", "missing", "model", "reason"), CHOICES, ids=str)
def test_a_graphics_card_runs_the_large_model(
    options: dict[str, object],
    missing: str,
    model: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A card would run the small model, or a processor the slow one, and nobody would know why."""

    def find(name: str) -> object:
        return None if name == missing else find_spec(name)

    monkeypatch.setattr(runtimes, "has_card", lambda: missing != "card")
    monkeypatch.setattr(runtimes, "find_spec", find)
    monkeypatch.setattr(automatic, "find_spec", find)
    monkeypatch.setattr(large_encoder, "is_here", lambda: missing != "encoder")
    device = "cpu" if missing == "driver" else "cuda"
    monkeypatch.setattr(torch_runtime, "choose_device", lambda _: device)
    choice = choose(ModelSettings.model_validate(options))
    assert choice.model == model
    assert reason in choice.reason


def test_only_auto_is_a_choice() -> None:
    """The log would say that a model was chosen which the user named."""
    expected = Choice("shipped", "nlp.device=cpu")
    cpu = ModelSettings(device="cpu")
    assert choice_of(cpu) == expected
    assert choice_of(cpu.model_copy(update={"model": "null", "shadow": "2*auto+null"})) == expected
    assert choice_of(cpu.model_copy(update={"model": "shipped"})) is None
    assert choice_of(cpu.model_copy(update={"model": "a++b"})) is None


def test_the_doctor_says_what_was_chosen() -> None:
    """Whoever bought a graphics card would not learn that the small model runs."""
    told = use_model(load_settings(None, {"NEWSQUAKE_NLP__DEVICE": "cpu"}))
    assert told.startswith("shipped-")
    assert told.endswith("; nlp.model=auto chose shipped: nlp.device=cpu")


def test_a_worker_says_what_was_chosen() -> None:
    """Two workers would score with two models, and their logs would not tell them apart."""
    code = (
        "import asyncio\n"
        "from cli.worker import _load_stages\n"
        "from infra.settings.model import load\n"
        "from streams.monitoring.progress import Progress\n"
        "settings = load(None, {'NEWSQUAKE_NLP__DEVICE': 'cpu'})\n"
        "asyncio.run(_load_stages(settings, None, Progress(), None))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    (line,) = [line for line in done.stdout.splitlines() if "model chosen" in line] or [done.stderr]
    assert "shipped" in line
    assert "nlp.device=cpu" in line
