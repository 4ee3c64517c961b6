"""Scoring: every article once, whatever its neighbours, its copies and the model do."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cluster_layout import ClusterLayout
from agents.pipeline import build_stages
from agents.score import Score
from agents.scoring.deduplicate import DedupeSettings, SeenKeys
from nlp.classifier import ModelBusy, Scores, Unclassifiable
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NEUTRAL, NullClassifier
from schemas.channels import SCORED, SIGNALS
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.handler import Batch
from streams.core.record import Message
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
TRACE = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Picky(NullClassifier):
    """A fake model that fails on any batch with poison in it."""

    model_id = "picky"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.calls.append(len(texts))
        if any("poison" in text for text in texts):
            raise Unclassifiable("not a distribution")
        return super().classify(texts)


class Moody(NullClassifier):
    """A fake model that fails a number of times before it works."""

    def __init__(self, failures: int, failure: Exception) -> None:
        self.failures = failures
        self._failure = failure

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.failures -= 1
        if self.failures >= 0:
            raise self._failure
        return super().classify(texts)


class Sure(NullClassifier):
    """A fake model whose texts are about one topic, and below its threshold of another."""

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        scores = NEUTRAL._replace(topics={"earnings": 0.5, "macro": 0.6}, about=("earnings",))
        return [scores] * len(texts)


def scored(log: MemoryLog) -> list[str]:
    """Headlines of what was scored, in order."""
    articles = [ScoredArticle.from_bytes(record.value) for record in log.read("news.scored")]
    return sorted(scored.article.headline for scored in articles)


def score_of(classifier: NullClassifier) -> Score:
    """The handler by itself."""
    return Score(SCORED.topic, SIGNALS.topic, classifier, DedupeSettings())


async def test_one_signal_goes_out_for_each_subject(log: MemoryLog, run: Run, news: News) -> None:
    """A company's or a topic's news would not reach its detector."""
    sent = news(1, tickers=["ACME", "EMCA"], summary="More.")
    log.append([sent._replace(headers=[("traceparent", TRACE)], partition=1, timestamp=55)])
    await run(log, ["ingest", "score"], classifier=Sure())
    records = log.read("news.signals")
    signals = {record.key: Signal.from_bytes(record.value) for record in records}
    assert set(signals) == {b"company:ACME", b"company:EMCA", b"topic:earnings"}
    (accepted,) = log.read("news.accepted")
    (article,) = log.read("news.scored")
    for record in records:
        signal, headers = signals[record.key], dict(record.headers)
        assert signal.lineage == f"1.{accepted.partition}"
        assert headers["ce_id"] == f"{signal.key}/{signal.subject}".encode()
        assert headers["traceparent"] == TRACE
        assert record.timestamp != 55
    assert signals[b"topic:earnings"].relevance == 0.5
    assert dict(article.headers)["traceparent"] == TRACE
    assert article.key == accepted.key
    assert dict(article.headers)["newsquake.timestamp"] == b"55"
    assert article.timestamp != 55


async def test_the_text_is_the_headline_and_the_summary(
    log: MemoryLog, run: Run, news: News
) -> None:
    """The planted surges of the demo's feed are tuned for exactly this text."""
    log.append([news(1, headline="Acme profit falls", summary="It is bankrupt")])
    await run(log, ["ingest", "score"], classifier=Lexicon())
    (record,) = log.read("news.scored")
    (expected,) = Lexicon().classify(["Acme profit falls. It is bankrupt"])
    sentiment = ScoredArticle.from_bytes(record.value).sentiment
    assert sentiment.negative == pytest.approx(expected.negative)


@pytest.mark.parametrize("chunk", [1, 2, 500])
async def test_an_article_published_twice_is_scored_once(
    log: MemoryLog, run: Run, news: News, chunk: int
) -> None:
    """A copy would count as a second piece of news, and alerts would fire on echoes."""
    log.append([news(1), news(2), news(1, url="https://other.example"), news(2), news(1)])
    await run(log, ["ingest", "score"], chunk=chunk)
    assert len(log.read("news.accepted")) == 5
    assert scored(log) == ["Headline 1", "Headline 2"]
    assert len(log.read("news.signals")) == 2


async def test_copies_in_two_batches_of_one_partition_are_scored_once(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Two fetches that are handled together would both count."""
    log.append([news(1), news(1)])
    await run(log, ["ingest"])
    first, second = log.read("news.accepted")
    memory = SeenKeys(DedupeSettings())
    batches = [Batch(first.partition, [record], memory, 0) for record in (first, second)]
    decisions = await score_of(NullClassifier()).handle(batches)
    assert [len(decision.messages) for decision in decisions] == [2, 0]


async def test_copies_are_known_after_a_restart(log: MemoryLog, run: Run, news: News) -> None:
    """A worker that dies would score yesterday's copies again."""
    log.append([news(1), news(2)])
    await run(log, ["ingest", "score"])
    log.append([news(2), news(3)])
    await run(log, ["ingest", "score"])
    assert scored(log) == ["Headline 1", "Headline 2", "Headline 3"]


async def test_a_copy_after_the_window_is_news(log: MemoryLog, run: Run, news: News) -> None:
    """The window would be another than the one that was set, or the wall clock's."""
    for stamp in (0, 59_999, 60_000):
        log.append([news(1)._replace(timestamp=stamp)])
    await run(log, ["ingest", "score"], dedupe=DedupeSettings(window=timedelta(minutes=1)))
    sent = [dict(record.headers)["newsquake.timestamp"] for record in log.read("news.scored")]
    assert sent == [b"0", b"60000"]


async def test_a_poisoned_text_is_set_aside_alone(log: MemoryLog, run: Run, news: News) -> None:
    """One article that the model chokes on would stop all the others, or take some with it."""
    log.append([news(n, headline=f"poison {n}" if n in {3, 4} else f"fine {n}") for n in range(16)])
    await run(log, ["ingest", "score"], classifier=Picky())
    assert scored(log) == sorted(f"fine {n}" for n in range(16) if n not in {3, 4})
    dead = log.read("news.dead")
    accepted = {(record.key, record.value) for record in log.read("news.accepted")}
    assert {(record.key, record.value) for record in dead} <= accepted
    assert len(dead) == 2
    for record in dead:
        headers = dict(record.headers)
        assert headers["newsquake.reason"] == b"model"
        assert headers["newsquake.model"] == b"picky"
        assert headers["newsquake.idempotency-key"] == record.key
        assert int(headers["newsquake.attempts"]) > 1
        assert ("ce_id", record.key) in record.headers


async def test_a_poisoned_text_can_be_replayed(log: MemoryLog, run: Run, news: News) -> None:
    """What was set aside would be taken for a copy of itself once the model is mended."""
    log.append([news(1, headline="poison")])
    await run(log, ["ingest", "score"], classifier=Picky())
    log.append([news(1, headline="poison")])
    await run(log, ["ingest", "score"])
    assert scored(log) == ["poison"]


async def test_what_is_no_article_is_set_aside(log: MemoryLog, run: Run, news: News) -> None:
    """Another writer's mistake would stop the worker."""
    log.append([news(1)])
    await run(log, ["ingest"])
    (sound,) = log.read("news.accepted")
    log.append([Message("news.accepted", b"k", b"{}"), Message("news.accepted", None, sound.value)])
    await run(log, ["score"])
    assert len(log.read("news.dead")) == 2
    assert scored(log) == ["Headline 1"]


async def test_all_batches_go_to_the_model_together(log: MemoryLog, run: Run, news: News) -> None:
    """A GPU would be fed a partition at a time, and idle in between."""
    log.append([news(n) for n in range(20)])
    model = Picky()
    await run(log, ["ingest", "score"], classifier=model)
    assert model.calls == [20]


async def test_a_passing_failure_is_tried_again(log: MemoryLog, run: Run, news: News) -> None:
    """A moment without the model would end the process."""
    log.append([news(1)])
    await run(log, ["ingest", "score"], classifier=Moody(1, ModelBusy("busy")))
    assert scored(log) == ["Headline 1"]


@pytest.mark.property
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=25), st.integers(1, 30))
def test_every_article_is_scored_once_or_dead(
    published: list[tuple[int, bool]], chunk: int
) -> None:
    """The closing account would not add up."""
    log = MemoryLog(partitions=2)
    poisoned = dict(published)
    heads = {n: "poison" if bad else f"fine {n}" for n, bad in poisoned.items()}
    date = "2024-03-01T00:00:00Z"
    values = [
        {"source": "s", "id": n, "headline": heads[n], "published": date} for n, _ in published
    ]
    log.append([Message("news.raw", None, orjson.dumps(value)) for value in values])
    for stage in build_stages(
        ["ingest", "score"], cluster=ClusterLayout(partitions=2), classifier=Picky()
    ):
        asyncio.run(drain(log, stage, chunk=chunk))
    fine = sorted(f"fine {n}" for n, bad in poisoned.items() if not bad)
    assert scored(log) == fine
    dead = {record.key for record in log.read("news.dead")}
    assert len(dead) == sum(poisoned.values())
