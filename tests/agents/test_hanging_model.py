"""A model that hangs is down, as one that fails: nobody waits for its thread."""

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest
import structlog

from agents.asking.circuit import CircuitSettings
from agents.asking.guarded_model import GuardedModel, ModelDown
from nlp.classifier import ModelBusy, Scores
from streams.core.errors import Stalled
from tests.agents.flaky import Flaky
from tests.agents.test_guarded_model import ask, until

IMPATIENT = CircuitSettings(failures=1, first_pause=0.05, max_pause=0.1, call_timeout=0.2)
SECONDS = 20


class Hanging(Flaky):
    """A model that does not answer before ``goes_on`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        if self.failure is None:
            self.goes_on.wait(SECONDS)
        return super().classify(texts)


async def test_a_model_that_hangs_is_down_as_one_that_fails() -> None:
    """A server that accepts and never answers would hold up the news, and nothing would say so."""
    model = Hanging()
    guarded = GuardedModel(model, IMPATIENT)
    with structlog.testing.capture_logs() as lines:
        with pytest.raises(ModelDown, match="has not answered"):
            await asyncio.wait_for(ask(guarded, model, "a", "b"), SECONDS)
        with pytest.raises(ModelDown):
            await ask(guarded, model, "a")
        await until(lambda: len(lines) > 2)
        assert guarded.thread.is_occupied
        model.goes_on.set()
        await asyncio.wait_for(guarded.closed(), SECONDS)
    assert await ask(guarded, model, "a", "b")
    assert not guarded.thread.is_occupied
    assert lines[0]["event"] == "the circuit of the model is open"
    assert len(model.calls) < 6  # no call was left over that nobody waits for


async def test_a_slow_call_behind_a_slow_one_does_not_hang() -> None:
    """Two batches that take their time would open the circuit of a model that works."""

    class Slow(Flaky):
        def classify(self, texts: Sequence[str]) -> list[Scores]:
            time.sleep(0.4)
            return super().classify(texts)

    model = Slow()
    guarded = GuardedModel(model, IMPATIENT.model_copy(update={"call_timeout": 0.7}))
    answers = await asyncio.gather(*(ask(guarded, model, text) for text in "abc"))
    assert len(answers) == 3


async def test_the_limit_ends_the_wait_for_a_probe_that_hangs() -> None:
    """A worker would stand still for ever although the settings say for how long."""
    model = Hanging()
    guarded = GuardedModel(model, IMPATIENT.model_copy(update={"call_timeout": 99.0, "limit": 0.6}))
    model.failure = ModelBusy("busy")
    with pytest.raises(ModelDown):
        await ask(guarded, model, "a")
    model.failure = None
    try:
        with pytest.raises(Stalled, match="NEWSQUAKE_CIRCUIT__LIMIT"):
            await asyncio.wait_for(guarded.closed(), SECONDS)
    finally:
        model.goes_on.set()
