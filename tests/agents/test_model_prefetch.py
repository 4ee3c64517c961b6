"""Prefetching: the model reads no article twice, and the results are the same without it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cluster_layout import ClusterLayout
from agents.pipeline import build_stages
from agents.score import Score
from agents.scoring.deduplicate import DedupeSettings, SeenKeys
from nlp.classifier import Scores, Unclassifiable
from nlp.null import NullClassifier
from schemas.channels import SCORED, SIGNALS
from schemas.metrics.processing import TEXTS_SCORED
from schemas.scored import ScoredArticle
from streams.core.backpressure import InFlightBudget
from streams.core.consumer import Chunk
from streams.core.fuse import Fuse
from streams.core.handler import Batch, Decision
from streams.core.lease import Leases
from streams.core.pump import Pump
from streams.core.record import Message, Record, TopicPartition
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]


class Reader(NullClassifier):
    """A fake model that remembers what it read, and fails on batches with poison in them."""

    def __init__(self) -> None:
        self.read: list[list[str]] = []

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.read.append(list(texts))
        if any("poison" in text for text in texts):
            raise Unclassifiable("not a distribution")
        return super().classify(texts)


def score_of(model: NullClassifier) -> Score:
    """Return the handler of `score` by itself."""
    return Score(SCORED.topic, SIGNALS.topic, model, DedupeSettings())


def headlines(decision: Decision) -> list[str]:
    """Return the headlines that were scored, in order."""
    scored = [message.value for message in decision.messages if message.topic == "news.scored"]
    return [ScoredArticle.from_bytes(value).article.headline for value in scored]


async def accepted(log: MemoryLog, run: Run, sent: Sequence[Message]) -> list[Record]:
    """Return ``sent`` as `ingest` writes them to partition 0 of `news.accepted`."""
    log.append(sent)
    await run(log, ["ingest"])
    return list(log.after(TopicPartition("news.accepted", 0), 0, 999))


@pytest.fixture
def log() -> MemoryLog:
    """Return an empty log of one partition."""
    return MemoryLog(partitions=1)


async def test_prefetched_articles_are_not_read_again(log: MemoryLog, run: Run, news: News) -> None:
    """The model would do everything twice."""
    records = await accepted(log, run, [news(n) for n in range(6)])
    model, memory = Reader(), SeenKeys(DedupeSettings())
    handler = score_of(model)
    first, second = (Batch(0, portion, memory, 0) for portion in (records[:3], records[3:]))
    for batch in (first, second, first, second):
        handler.prefetch([batch])
    decisions = [(await handler.handle([batch]))[0] for batch in (first, second)]
    assert [headlines(decision) for decision in decisions] == [
        [f"Headline {n}" for n in range(3)],
        [f"Headline {n}" for n in range(3, 6)],
    ]
    assert model.read == [[f"Headline {n}" for n in numbers] for numbers in (range(3), range(3, 6))]


async def test_the_next_articles_are_read_while_these_are_committed(
    log: MemoryLog, run: Run, news: News
) -> None:
    """The model would idle, for a tenth of the time on a small machine."""
    records = await accepted(log, run, [news(n) for n in range(4)])
    model, memory = Reader(), SeenKeys(DedupeSettings())
    handler = score_of(model)
    handler.prefetch([Batch(0, records[:2], memory, 0)])
    handler.prefetch([Batch(0, records[2:], memory, 0)])
    await handler.handle([Batch(0, records[:2], memory, 0)])
    async with asyncio.timeout(30):
        while len(model.read) < 2:  # noqa: ASYNC110 - it is read in a thread
            await asyncio.sleep(0.01)
    assert model.read[1] == ["Headline 2", "Headline 3"]


async def test_copies_are_not_prefetched(log: MemoryLog, run: Run, news: News) -> None:
    """A feed that is published again would take as long as the first time."""
    records = await accepted(log, run, [news(n) for n in (0, 1, 1, 0)])
    model, memory = Reader(), SeenKeys(DedupeSettings())
    handler = score_of(model)
    first, second = (Batch(0, portion, memory, 0) for portion in (records[:2], records[2:]))
    handler.prefetch([first])
    handler.prefetch([second])
    decisions = [(await handler.handle([batch]))[0] for batch in (first, second)]
    assert [len(headlines(decision)) for decision in decisions] == [2, 0]
    assert model.read == [["Headline 0", "Headline 1"]]


async def test_prefetched_articles_of_revoked_partitions_are_discarded(
    log: MemoryLog, run: Run, news: News
) -> None:
    """After a rebalance articles would get the scores of others, or wait for ever."""
    records = await accepted(log, run, [news(n) for n in range(6)])
    memory = SeenKeys(DedupeSettings())
    handler = score_of(Reader())
    handler.prefetch([Batch(0, records[:2], memory, 0)])
    handler.prefetch([Batch(0, records[2:4], memory, 0)])
    (last,) = await handler.handle([Batch(0, records[4:], memory, 0)])
    (back,) = await handler.handle([Batch(0, records[1:4], memory, 0)])
    assert headlines(last) == ["Headline 4", "Headline 5"]
    assert headlines(back) == ["Headline 1", "Headline 2", "Headline 3"]


async def test_a_copy_of_a_poisoned_article_is_read_in_its_turn(
    log: MemoryLog, run: Run, news: News
) -> None:
    """It was left out ahead as a copy of one that is then set aside, and would be lost."""
    sent = [news(0, headline="poison"), news(0, headline="mended"), news(1)]
    records = await accepted(log, run, sent)
    memory = SeenKeys(DedupeSettings())
    handler = score_of(Reader())
    first, second = (Batch(0, portion, memory, 0) for portion in (records[:1], records[1:]))
    handler.prefetch([first])
    handler.prefetch([second])
    (dead,), (mended,) = await handler.handle([first]), await handler.handle([second])
    assert [rejection.reason for rejection in dead.rejections] == ["model"]
    assert headlines(mended) == ["mended", "Headline 1"]


def _fail(error: BaseException) -> None:
    raise error


async def _pumped(log: MemoryLog, size: int, ahead: int) -> None:
    """Score all there is in turns of ``size`` records that are told of those ``ahead``."""
    (stage,) = build_stages(["score"], cluster=ClusterLayout(partitions=1), classifier=Reader())
    leases = Leases(log, stage, _fail)
    source = TopicPartition(stage.source, 0)
    await leases.hold([source])
    pump = Pump(stage, leases, InFlightBudget(1 << 20), Fuse(1.0, 1))
    records = log.after(source, 0, 999)
    portions = [records[begin : begin + size] for begin in range(0, len(records), size)]
    chunks = [Chunk(source, portion, lambda: True, lambda: None) for portion in portions]
    for number, chunk in enumerate(chunks):
        await pump.process([chunk], chunks[number + ahead : number + ahead + 1])
    await leases.flush()
    await leases.hold([])


@pytest.mark.property
@given(
    st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=25),
    st.integers(1, 8),
    st.integers(1, 2),
)
def test_prefetching_changes_nothing(
    published: list[tuple[int, bool]], size: int, ahead: int
) -> None:
    """What is scored would depend on how fast records come."""
    results: list[list[bytes | None]] = []
    for pumped in (False, True):
        log = MemoryLog(partitions=1)
        log.append(_raw(published))
        asyncio.run(_scored(log, size, ahead if pumped else 0))
        results.append([record.value for record in log.read("news.scored")])
    assert results[0] == results[1]


def _raw(published: Sequence[tuple[int, bool]]) -> list[Message]:
    """Return raw articles by their numbers, poisoned or not."""
    return [
        Message(
            "news.raw",
            None,
            b'{"id": "%d", "source": "wire", "headline": "%s", "published": "2024-01-01"}'
            % (number, b"poison" if poisoned else b"news"),
        )
        for number, poisoned in published
    ]


async def _scored(log: MemoryLog, size: int, ahead: int) -> None:
    (ingest,) = build_stages(
        ["ingest"], cluster=ClusterLayout(partitions=1), classifier=NullClassifier()
    )
    await drain(log, ingest)
    if ahead:
        return await _pumped(log, size, ahead)
    (score,) = build_stages(["score"], cluster=ClusterLayout(partitions=1), classifier=Reader())
    return await drain(log, score, chunk=size)


async def test_equal_texts_of_several_articles_are_scored_once(
    log: MemoryLog, run: Run, news: News
) -> None:
    """The model would read a wire's headline again from each site that prints it."""
    sent = [news(n, headline=f"Acme profit falls {n // 3}") for n in range(6)]
    records = await accepted(log, run, sent)
    model, memory = Reader(), SeenKeys(DedupeSettings())
    handler = score_of(model)
    decisions = [
        (await handler.handle([Batch(0, portion, memory, 0)]))[0]
        for portion in (records[:2], records[2:])
    ]
    assert [len(headlines(decision)) for decision in decisions] == [2, 4]
    assert model.read == [["Acme profit falls 0"], ["Acme profit falls 1"]]
    counts = [
        {each.labels: each.value for each in decision.samples if each.metric is TEXTS_SCORED}
        for decision in decisions
    ]
    assert counts == [{("model",): 1, ("memory",): 1}, {("model",): 1, ("memory",): 3}]


async def test_equal_texts_in_two_languages_are_two_texts(
    log: MemoryLog, run: Run, news: News
) -> None:
    """A text that says it is French would get the scores of the English model."""
    sent = [news(1, headline="Acme fusion"), news(2, headline="Acme fusion", language="fr")]
    records = await accepted(log, run, sent)
    model = Reader()
    await score_of(model).handle([Batch(0, records, SeenKeys(DedupeSettings()), 0)])
    assert model.read == [["Acme fusion"] * 2]


async def test_equal_texts_that_fail_are_each_set_aside(
    log: MemoryLog, run: Run, news: News
) -> None:
    """The second article would be lost: neither scored nor among the dead letters."""
    records = await accepted(log, run, [news(n, headline="poison") for n in range(2)])
    batch = Batch(0, records, SeenKeys(DedupeSettings()), 0)
    (decision,) = await score_of(Reader()).handle([batch])
    assert len(decision.rejections) == 2
