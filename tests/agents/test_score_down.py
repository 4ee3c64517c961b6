"""Scoring while the model is down: articles wait, or a fallback scores them and says so."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence

import pytest
import structlog

from agents.asking.circuit import CircuitSettings
from agents.asking.guarded_model import ModelDown
from agents.score import Score
from agents.scoring.deduplicate import DedupeSettings, SeenKeys
from nlp.classifier import Classifier, ModelBusy, ModelError, Scores
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NullClassifier
from schemas.channels import SCORED, SIGNALS
from schemas.metrics.processing import DEGRADED, TEXTS_SCORED
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.handler import Batch, Decision
from streams.core.record import Message, Record
from streams.testing.memory_log import MemoryLog
from tests.agents.flaky import Flaky
from tests.failing import BAD, Failing

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
PATIENT = CircuitSettings(failures=1, first_pause=30.0)
QUICK = CircuitSettings(failures=1, first_pause=0.05)
BRIEF = CircuitSettings(failures=1, first_pause=0.3, max_pause=0.3, call_timeout=0.5)
DOWN = ModelError("the server is away")


def articles(log: MemoryLog) -> list[ScoredArticle]:
    """Return what was scored, by headline."""
    scored = [ScoredArticle.from_bytes(record.value) for record in log.read("news.scored")]
    return sorted(scored, key=lambda each: each.article.headline)


def score_of(
    classifier: NullClassifier,
    fallback: Classifier | None = None,
    circuit: CircuitSettings = PATIENT,
) -> Score:
    """The handler by itself."""
    scored, signals = SCORED.topic, SIGNALS.topic
    dedupe = DedupeSettings()
    return Score(scored, signals, classifier, dedupe, circuit=circuit, fallback=fallback)


@pytest.mark.parametrize(
    ("failure", "raised"),
    [(ModelBusy("busy"), ModelDown), (ZeroDivisionError(), ZeroDivisionError)],
)
async def test_what_does_not_pass_is_raised_and_not_remembered(
    log: MemoryLog, run: Run, news: News, failure: Exception, raised: type[Exception]
) -> None:
    """Articles would be skipped over, or be taken for copies of themselves on the next try."""
    log.append([news(1, headline=BAD)])
    await run(log, ["ingest"])
    (record,) = log.read("news.accepted")
    memory = SeenKeys(DedupeSettings())
    handler = score_of(Failing(failure))
    with pytest.raises(raised):
        await handler.handle([Batch(record.partition, [record], memory, 0)])
    assert len(memory) == 0


async def test_articles_wait_for_their_model(log: MemoryLog, run: Run, news: News) -> None:
    """An outage of a minute would be a minute without news, or with dead letters in its place."""
    log.append([news(n, headline=f"News {n}") for n in range(9)])
    model = Flaky(DOWN)
    asyncio.get_running_loop().call_later(0.5, lambda: setattr(model, "failure", None))
    await run(log, ["ingest", "score"], classifier=model, circuit=QUICK)
    assert len(articles(log)) == 9
    assert not any(each.degraded for each in articles(log))
    assert log.read("news.dead") == []


async def test_a_fallback_scores_and_says_so(log: MemoryLog, run: Run, news: News) -> None:
    """Readers could not tell whose scores they read, or which to do again."""
    log.append([news(1, headline="Acme faces bankruptcy")])
    resources = {"fallback": Lexicon(), "circuit": PATIENT}
    await run(log, ["ingest", "score"], classifier=Flaky(DOWN), **resources)
    (article,) = articles(log)
    signals = [Signal.from_bytes(record.value) for record in log.read("news.signals")]
    assert (article.degraded, article.model) == (True, "lexicon-2")
    assert b'"degraded":true' in (log.read("news.scored")[0].value or b"")
    assert article.sentiment.negative > 0.5
    assert {signal.model for signal in signals} == {"lexicon-2"}
    log.append([news(2, headline="Acme faces bankruptcy again")])
    await run(log, ["ingest", "score"], classifier=Flaky(), **resources)
    article = articles(log)[1]
    assert (article.degraded, article.model) == (False, "flaky")
    assert b"degraded" not in (log.read("news.scored")[1].value or b"")


async def test_a_degraded_article_is_scored_once(log: MemoryLog, run: Run, news: News) -> None:
    """It would count twice when the model is back, and its copies too."""
    log.append([news(1)])
    await run(log, ["ingest", "score"], classifier=Flaky(DOWN), fallback=Lexicon(), circuit=PATIENT)
    log.append([news(1), news(1, headline="Corrected")])
    await run(log, ["ingest", "score"], classifier=Flaky(), fallback=Lexicon(), circuit=PATIENT)
    assert [(each.degraded, each.revision) for each in articles(log)] == [
        (False, "correction"),
        (True, None),
    ]


async def decided(handler: Score, log: MemoryLog) -> Decision:
    """Return the decision about all accepted articles of one partition."""
    (record, *_) = log.read("news.accepted")
    records = [each for each in log.read("news.accepted") if each.partition == record.partition]
    memory = SeenKeys(DedupeSettings())
    (decision,) = await handler.handle([Batch(record.partition, records, memory, 0)])
    return decision


async def test_degraded_articles_are_counted(log: MemoryLog, run: Run, news: News) -> None:
    """An operator would not know how many articles of a day were scored by the word lists."""
    log.append([news(1)])
    await run(log, ["ingest"])
    decision = await decided(score_of(Flaky(DOWN), Lexicon()), log)
    assert [each.value for each in decision.samples if each.metric is DEGRADED] == [1]


@pytest.mark.parametrize("failure", [ModelError("no"), ValueError("no")])
async def test_a_fallback_that_fails_sets_nothing_aside(
    log: MemoryLog, run: Run, news: News, failure: Exception
) -> None:
    """Articles would be dead letters because two models are down, and not one."""
    log.append([news(1)])
    await run(log, ["ingest"])
    handler = score_of(Flaky(DOWN), Flaky(failure))
    with pytest.raises(ModelDown, match="the fallback flaky fails too"):
        await decided(handler, log)


async def test_a_fallback_that_fails_is_named_and_asked_again(
    log: MemoryLog, run: Run, news: News
) -> None:
    """An operator would be told that the fallback scores, and wait for a model that is gone."""
    log.append([news(1)])
    await run(log, ["ingest"])
    fallback = Flaky(ModelBusy("loading"))
    handler = score_of(Flaky(DOWN), fallback, circuit=BRIEF)
    with structlog.testing.capture_logs() as lines, pytest.raises(ModelDown):
        await decided(handler, log)
    (line,) = [each for each in lines if each["event"] == "the fallback fails too"]
    assert "loading" in line["problem"]
    assert "the server is away" in handler.obstacle()
    assert "the fallback flaky fails too (ModelBusy: loading)" in handler.obstacle()
    fallback.failure = None
    await asyncio.wait_for(handler.available(), 5)
    decision = await decided(handler, log)
    assert [each.value for each in decision.samples if each.metric is DEGRADED] == [1]
    assert "loading" not in handler.obstacle()


async def test_a_fallback_that_hangs_fails(log: MemoryLog, run: Run, news: News) -> None:
    """Two servers behind one network that is gone would hold up the worker without a word."""
    goes_on = threading.Event()

    class Hanging(NullClassifier):
        def classify(self, texts: Sequence[str]) -> list[Scores]:
            goes_on.wait(20)
            return super().classify(texts)

    log.append([news(1)])
    await run(log, ["ingest"])
    handler = score_of(Flaky(DOWN), Hanging(), circuit=BRIEF)
    try:
        with pytest.raises(ModelDown, match="has not answered"):
            await asyncio.wait_for(decided(handler, log), 10)
        assert handler.is_occupied()
    finally:
        goes_on.set()


async def test_what_was_prefetched_before_an_outage_comes_again(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Articles that were asked about early would keep the failure of that moment."""
    log.append([news(1), news(1, headline="Corrected")])
    await run(log, ["ingest"])
    records = log.read("news.accepted")
    model, memory = Flaky(DOWN), SeenKeys(DedupeSettings())
    handler = Score(SCORED.topic, SIGNALS.topic, model, DedupeSettings(), circuit=QUICK)
    first, second = ([Batch(each.partition, [each], memory, 0)] for each in records)
    handler.prefetch(first)
    handler.prefetch(second)
    with pytest.raises(ModelDown):
        await handler.handle(first)
    model.failure = None
    await asyncio.wait_for(handler.available(), 5)
    (decision,) = await handler.handle([Batch(records[0].partition, records, memory, 0)])
    assert sum(message.topic == SCORED.topic for message in decision.messages) == 2


async def scored_alone(handler: Score, record: Record) -> tuple[bool, str]:
    """Return whether a record's article is degraded, and the model that scored it."""
    batch = Batch(record.partition, [record], SeenKeys(DedupeSettings()), 0)
    (decision,) = await handler.handle([batch])
    (value,) = (each.value for each in decision.messages if each.topic == SCORED.topic)
    article = ScoredArticle.from_bytes(value)
    return article.degraded, article.model


async def test_what_a_fallback_says_is_never_remembered_as_the_models(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Long after an outage the word lists would still score what many sites print."""
    log.append([news(n, headline=f"Acme falls {n % 2}") for n in range(8)])
    await run(log, ["ingest"])
    by_text = sorted(log.read("news.accepted"), key=lambda each: b"falls 1" in (each.value or b""))
    even, odd = by_text[:4], by_text[4:]
    model = Flaky(DOWN)
    handler = score_of(model, Lexicon(), QUICK)
    assert await scored_alone(handler, even[0]) == (True, "lexicon-2")
    assert await scored_alone(handler, even[1]) == (True, "lexicon-2")
    model.failure = None
    await asyncio.wait_for(handler.available(), 5)
    assert await scored_alone(handler, even[2]) == (False, "flaky")
    model.failure = DOWN
    assert await scored_alone(handler, odd[0]) == (True, "lexicon-2")
    assert await scored_alone(handler, even[3]) == (False, "flaky")  # the model's own, remembered
    assert await scored_alone(handler, odd[1]) == (True, "lexicon-2")
    model.failure = None
    await asyncio.wait_for(handler.available(), 5)
    assert await scored_alone(handler, odd[2]) == (False, "flaky")


async def test_a_text_that_waited_for_its_model_counts_once(
    log: MemoryLog, run: Run, news: News
) -> None:
    """The share of texts that the memory spared the model would sink in each outage."""
    log.append([news(1)])
    await run(log, ["ingest"])
    model = Flaky(DOWN)
    handler = score_of(model, circuit=QUICK)
    with pytest.raises(ModelDown):
        await decided(handler, log)
    model.failure = None
    await asyncio.wait_for(handler.available(), 5)
    counts = [each for each in (await decided(handler, log)).samples if each.metric is TEXTS_SCORED]
    assert [(each.labels, each.value) for each in counts] == [(("model",), 1)]
