"""Every model of ours keeps the contract that others must keep."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nlp.classifier import Classifier
from nlp.contract import CHECKS
from nlp.load import load
from nlp.settings import ModelSettings

Making = Callable[..., Path]
PROMPTS = {"layoffs": "A company cuts jobs; workers are laid off", "profit": "Quarterly profit"}
LIGHT = {
    "null": ModelSettings(model="null"),
    "lexicon": ModelSettings(model="lexicon"),
    "two word lists": ModelSettings(model="3*lexicon+null"),
    "Chinese word lists": ModelSettings(model="lexicon-zh", language="*"),
    "each language by its model": ModelSettings(model="lexicon", languages={"de": "", "*": "null"}),
    "lexicon in the shadow": ModelSettings(model="null", shadow="lexicon"),
}
HEAVY = ("checkpoint", "topic checkpoint", "ensemble", "saved", "zero-shot")


@pytest.fixture(
    params=[*LIGHT, *(pytest.param(name, marks=pytest.mark.model) for name in HEAVY)],
    scope="module",
)
def classifier(request: pytest.FixtureRequest) -> Classifier:
    """Each model there is, in full precision."""
    if request.param in LIGHT:
        return load(LIGHT[request.param])
    make: Making = request.getfixturevalue("make_checkpoint")
    exact = ModelSettings(
        device="cpu", dtype="fp32", batch_tokens=512, max_tokens=64, zero_shot=PROMPTS
    )
    names = {
        "checkpoint": {"model": str(make())},
        "topic checkpoint": {"topics": str(make(("Macro", "IPO", "Other")))},
        "ensemble": {"model": f"2*{make()}+lexicon"},
        "saved": {"model": str(request.getfixturevalue("saved_model"))},
        "zero-shot": {"topics": "zero-shot"},
    }
    return load(exact.model_copy(update=names[request.param]))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check: Callable[[Classifier], None], classifier: Classifier) -> None:
    """Articles would be lost, scored otherwise by a replay, or stop the worker."""
    check(classifier)
