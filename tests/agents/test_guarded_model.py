"""A model that is down is told from a text that it fails on, whatever it raises."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import pytest
import structlog

from agents.asking.circuit import CircuitSettings
from agents.asking.guarded_model import GuardedModel, ModelDown
from agents.asking.isolate_poison import Poison, isolate_poison
from nlp.classifier import (
    DeviceLost,
    ModelBusy,
    ModelError,
    ModelMissing,
    OutOfMemory,
    Question,
    Scores,
)
from nlp.languages.router import LanguageRouter
from nlp.null import NullClassifier
from schemas.metrics.processing import CIRCUIT_OPENED, CIRCUIT_STATE, Sample
from streams.core.errors import Stalled
from tests.agents.flaky import Flaky, FlakyAbout

FAST = CircuitSettings(failures=3, first_pause=0.05, max_pause=0.1)
SECONDS = 20
DOWN = [
    ModelBusy("overloaded"),
    ModelError("nothing but NaN"),
    OutOfMemory("no memory for one text"),
    ConnectionRefusedError("no server at 10.0.0.7:8000"),
    RuntimeError("CUDA error: unknown"),
]


async def ask(guarded: GuardedModel, model: Flaky, *texts: str) -> list[Scores | Poison]:
    """Ask about texts as `score` does."""
    return await isolate_poison(partial(guarded.call, model.classify), texts, guarded.verify)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 - a thread changes it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("failure", DOWN, ids=lambda failure: type(failure).__name__)
async def test_a_model_that_is_down_opens_the_circuit_and_sets_nothing_aside(
    failure: Exception,
) -> None:
    """A server that is away would turn a day of news into dead letters, or end the worker."""
    model = Flaky(failure)
    guarded = GuardedModel(model, FAST)
    with pytest.raises(ModelDown, match=str(failure)):
        await ask(guarded, model, "a", "b", "c", "d")
    calls = len(model.calls)
    with pytest.raises(ModelDown):
        await ask(guarded, model, "a")
    assert len(model.calls) <= calls + 1  # a probe may have begun, the call itself is not made
    model.failure = None
    await asyncio.wait_for(guarded.closed(), SECONDS)
    assert await ask(guarded, model, "a", "b")


async def test_a_model_that_dies_halfway_sets_nothing_aside() -> None:
    """The texts that were bisected when the server went away would be taken for poison."""
    for after in range(10):
        model = Flaky(ModelError("gone"), poison=["bad"])
        model.after = after
        guarded = GuardedModel(model, FAST)
        texts = [*map(str, range(7)), "bad"]
        with pytest.raises(ModelDown):
            await ask(guarded, model, *texts, "more", "and more")
        model.failure = None
        await asyncio.wait_for(guarded.closed(), SECONDS)
        scores = await ask(guarded, model, *texts)
        assert [isinstance(answer, Poison) for answer in scores] == [False] * 7 + [True]


async def test_a_poisoned_text_opens_nothing() -> None:
    """One bad headline would stop all the others."""
    model = Flaky(poison=["bad"])
    guarded = GuardedModel(model, CircuitSettings(failures=1))
    scores = await ask(guarded, model, "good", "bad", "fine")
    assert [isinstance(answer, Poison) for answer in scores] == [False, True, False]
    assert "closed" not in guarded.describe()
    await asyncio.wait_for(guarded.closed(), 1)


async def test_a_defect_that_one_text_shows_is_raised() -> None:
    """A bug would be retried for ever, or its article be skipped over."""

    class Bug(NullClassifier):
        def classify(self, texts: Sequence[str]) -> list[Scores]:
            if "bad" in texts:
                raise ZeroDivisionError
            return super().classify(texts)

    model = Bug()
    guarded = GuardedModel(model, FAST)
    with pytest.raises(ZeroDivisionError):
        await guarded.call(model.classify, ["good", "bad"])


@pytest.mark.parametrize("failure", [ModelMissing("gone"), DeviceLost("off the bus")])
async def test_what_only_a_new_process_gets_over_is_raised(failure: Exception) -> None:
    """A card that needs a new process would be probed in vain until a person comes."""
    model = Flaky(failure)
    guarded = GuardedModel(model, FAST)
    with pytest.raises(type(failure)):
        await ask(guarded, model, "a")
    model.failure = ModelBusy("busy")
    with pytest.raises(ModelDown):
        await ask(guarded, model, "a")
    model.failure = failure
    with pytest.raises(type(failure)):
        await asyncio.wait_for(guarded.closed(), SECONDS)
    with pytest.raises(type(failure)):
        await ask(guarded, model, "a")


async def test_a_text_is_judged_by_the_model_that_reads_it() -> None:
    """A Chinese model that is down would set all Chinese news aside: the English one answers."""
    chinese = Flaky(ModelError("down"))
    router = LanguageRouter(Flaky(), "en", {"zh": chinese})
    guarded = GuardedModel(router, FAST)
    headline = (
        "\u5e73\u5b89\u94f6\u884c\u80a1\u4ef7\u5927\u8dcc\uff0c\u51c0\u5229\u6da6\u4e0b\u6ed1"
    )
    with pytest.raises(ModelDown):
        await isolate_poison(
            partial(guarded.call, router.classify), ["Acme falls", headline], guarded.verify
        )


async def test_a_question_is_judged_by_a_question() -> None:
    """News about two companies would be set aside while the model can't be asked about any."""
    model = FlakyAbout(ModelError("no head for companies"))
    guarded = GuardedModel(model, FAST)
    asked = [Question("Acme falls as Emca soars", name) for name in ("Acme", "Emca")]
    with pytest.raises(ModelDown):
        await isolate_poison(partial(guarded.call, model.classify_about), asked, guarded.verify)


async def test_no_control_is_asked_twice() -> None:
    """A client that remembers answers would vouch for a server that is away."""
    model = Flaky(poison=["bad"])
    guarded = GuardedModel(model, FAST)
    await ask(guarded, model, "bad")
    controls = [texts[0] for texts in model.calls if "bad" not in texts]
    assert len(controls) == len(set(controls)) == 2


async def test_a_probe_asks_about_what_failed_too() -> None:
    """A device that holds short texts alone would be stormed with each probe that succeeds."""

    class ShortOnly(NullClassifier):
        limit = 40

        def classify(self, texts: Sequence[str]) -> list[Scores]:
            if any(len(text) > self.limit for text in texts):
                raise ModelBusy("others hold the memory")
            return super().classify(texts)

    model = ShortOnly()
    guarded = GuardedModel(model, FAST)
    with pytest.raises(ModelDown):
        await guarded.call(model.classify, ["short", "x" * 99])
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(guarded.closed(), 0.5)
    model.limit = 100
    await asyncio.wait_for(guarded.closed(), SECONDS)


async def test_it_says_what_is_wrong_and_counts_it() -> None:
    """An operator would see a worker that does nothing, and neither why nor until when."""
    model = Flaky(ModelBusy("no server at 10.0.0.7"))
    guarded = GuardedModel(model, FAST)
    samples: list[Sample] = []
    guarded.observe_with(samples.extend)
    with structlog.testing.capture_logs() as lines:
        with pytest.raises(ModelDown) as caught:
            await ask(guarded, model, "a")
        await until(lambda: len(lines) > 2)
        model.failure = None
        await asyncio.wait_for(guarded.closed(), SECONDS)
        await asyncio.sleep(0)  # the probe notes its success
        on_trial = samples[-1].value
        await ask(guarded, model, "a")
    for word in ("flaky", "no server at 10.0.0.7", "open for", "probe"):
        assert word in str(caught.value)
    first, *probes, trial, last = lines
    assert (first["event"], first["log_level"]) == ("the circuit of the model is open", "error")
    assert "no server at 10.0.0.7" in first["problem"]
    assert "mend the model" in first["remedy"]
    assert "records wait" in first["outcome"]
    assert {line["event"] for line in probes} == {"the model was probed and still fails"}
    assert "closed on trial" in trial["event"]
    assert "works again" in last["event"]
    assert last["down_seconds"] >= trial["down_seconds"] > 0
    states = [sample.value for sample in samples if sample.metric is CIRCUIT_STATE]
    assert (states[:3], on_trial, states[-1]) == ([0.0, 2.0, 1.0], 1.0, 0.0)
    assert sum(sample.metric is CIRCUIT_OPENED for sample in samples) == 1


async def test_the_limit_ends_the_wait() -> None:
    """A plug-in that only a new process cures would be probed for ever, against the settings."""
    model = Flaky(ModelBusy("busy"))
    settings = CircuitSettings(failures=1, first_pause=0.05, max_pause=60.0, limit=0.4)
    guarded = GuardedModel(model, settings)
    with pytest.raises(ModelDown):
        await ask(guarded, model, "a")
    with pytest.raises(Stalled, match="NEWSQUAKE_CIRCUIT__LIMIT"):
        await asyncio.wait_for(guarded.closed(), 5)


async def test_a_long_cause_is_one_short_line() -> None:
    """A server's page of HTML would fill the log at each probe."""
    model = Flaky(ModelBusy("<html>\n" * 999))
    guarded = GuardedModel(model, FAST)
    with pytest.raises(ModelDown) as caught:
        await ask(guarded, model, "a")
    assert len(str(caught.value)) < 600
    assert "\n" not in str(caught.value)
