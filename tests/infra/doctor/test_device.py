"""The device that a model will run on."""

import sys

import pytest

from infra.doctor.examination import Examination
from infra.doctor.finding import Finding
from infra.doctor.model import device
from infra.settings.model import load
from nlp.inference.torch_runtime import choose_device

pytestmark = pytest.mark.model
ABSENT = "cuda" if sys.platform == "darwin" else "mps"


async def find(name: str, model: str = "shipped") -> Finding:
    """Return the finding about a device."""
    names = {"NEWSQUAKE_NLP__DEVICE": name, "NEWSQUAKE_NLP__MODEL": model}
    (finding,) = await device(Examination(load(None, names), seconds=30.0))
    return finding


async def test_the_device_that_auto_chooses_is_told() -> None:
    """A worker would run on the processor for weeks beside a GPU that nobody sees is unused."""
    finding = await find("auto")
    assert finding.status == "ok"
    assert finding.detail == f"nlp.device=auto chooses {choose_device('auto')}"


async def test_a_device_that_is_not_here_is_a_fault() -> None:
    """The worker would be the first to find out, after a deployment."""
    finding = await find(ABSENT)
    assert finding.status == "fault"
    assert finding.detail == f"device {ABSENT} is not available here"
    assert finding.remedy == "choose nlp.device=auto"


async def test_word_lists_need_no_device() -> None:
    """Whoever runs without torch would be told to install it."""
    assert await find(ABSENT, "lexicon") == Finding("ok", "none is needed")
