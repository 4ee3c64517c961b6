"""A model that has answered a probe, and one that a fallback stands in for."""

import asyncio

import pytest

from agents.asking.circuit import CircuitSettings
from agents.asking.guarded_model import GuardedModel, ModelDown
from nlp.classifier import ModelBusy
from schemas.metrics.processing import CIRCUIT_STATE, Sample
from tests.agents.flaky import Flaky
from tests.agents.test_guarded_model import FAST, SECONDS, ask


async def test_a_model_on_trial_that_fails_at_once_was_never_shown_as_well() -> None:
    """An alert rule would be reset by each probe that a broken model answers, and never fire."""
    model = Flaky(ModelBusy("busy"))
    guarded = GuardedModel(model, FAST)
    samples: list[Sample] = []
    guarded.observe_with(samples.extend)
    for _ in range(3):
        with pytest.raises(ModelDown):
            await ask(guarded, model, "a")
        model.failure = None
        await asyncio.wait_for(guarded.closed(), SECONDS)
        model.failure = ModelBusy("busy again")
    states = [sample.value for sample in samples if sample.metric is CIRCUIT_STATE]
    assert states[0] == 0.0
    assert 0.0 not in states[1:]
    assert states.count(2.0) >= 3


async def test_the_limit_ends_no_wait_while_a_fallback_scores() -> None:
    """A worker that goes on with its fallback would be restarted for nothing, again and again."""
    model = Flaky(ModelBusy("busy"))
    settings = CircuitSettings(
        failures=1, first_pause=0.05, max_pause=0.05, limit=0.2, fallback="lexicon"
    )
    guarded = GuardedModel(model, settings)
    with pytest.raises(ModelDown):
        await ask(guarded, model, "a")
    await guarded.closed(max_seconds=0.6)
    with pytest.raises(ModelDown):
        await ask(guarded, model, "a")
    model.failure = None
    await asyncio.wait_for(guarded.closed(), SECONDS)
    assert await ask(guarded, model, "a")
