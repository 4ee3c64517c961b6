"""Revisions: further companies and corrections of an article that was scored before."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cluster_layout import ClusterLayout
from agents.pipeline import build_stages
from agents.scoring.article_memory import MAX_MARKS
from agents.scoring.deduplicate import DedupeSettings
from nlp.classifier import Scores
from nlp.null import NEUTRAL, NullClassifier
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.record import Message
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]


class Topical(NullClassifier):
    """A fake model whose texts are about earnings, and about a merger if they say so."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.texts += texts
        both = NEUTRAL._replace(topics={"earnings": 0.5, "mergers": 0.5})
        return [
            both._replace(about=("earnings", "mergers") if "merge" in text else ("earnings",))
            for text in texts
        ]


def scored(log: MemoryLog) -> list[tuple[str | None, tuple[str, ...]]]:
    """Return revision and subjects of each scored record, in order."""
    articles = [ScoredArticle.from_bytes(record.value) for record in log.read("news.scored")]
    return [(article.revision, article.subjects) for article in articles]


def counted(log: MemoryLog) -> Counter[tuple[str, str]]:
    """Return how often each article counts for each subject."""
    signals = [Signal.from_bytes(record.value) for record in log.read("news.signals")]
    return Counter((signal.key, signal.subject) for signal in signals)


@pytest.mark.parametrize("chunk", [1, 2, 500])
async def test_rows_of_one_article_for_each_ticker_give_all_companies_once(
    log: MemoryLog, run: Run, news: News, chunk: int
) -> None:
    """Only the first company of an archive's article would count, or its topic three times."""
    rows = [news(1, tickers=[ticker]) for ticker in ("AAL", "DAL", "UAL")]
    log.append([*rows, *rows, news(1, tickers=["DAL", "UAL"])])
    model = Topical()
    await run(log, ["ingest", "score"], chunk=chunk, classifier=model)
    assert scored(log) == [
        (None, ("company:AAL", "topic:earnings")),
        ("companies", ("company:DAL",)),
        ("companies", ("company:UAL",)),
    ]
    assert set(counted(log).values()) == {1}
    assert model.texts == ["Headline 1"]
    ids = [dict(record.headers)["ce_id"] for record in log.read("news.scored")]
    assert len(set(ids)) == len(ids)


async def test_further_companies_are_known_after_a_restart(
    log: MemoryLog, run: Run, news: News
) -> None:
    """An item that is polled for each symbol would count again on each day."""
    for tickers in (["AAL"], ["DAL"], ["AAL"], ["DAL", "UAL"], ["UAL"]):
        log.append([news(1, tickers=tickers)])
        await run(log, ["ingest", "score"])
    subjects = [names for _, names in scored(log)]
    assert subjects == [("company:AAL",), ("company:DAL",), ("company:UAL",)]


@pytest.mark.parametrize("chunk", [1, 500])
async def test_a_correction_is_marked_and_counts_for_what_is_new(
    log: MemoryLog, run: Run, news: News, chunk: int
) -> None:
    """A corrected headline would be lost, or count as a second piece of bad news."""
    first = news(1, headline="Acme profit falls")
    right = news(1, headline="Acme to merge with Emca", tickers=["ACME", "EMCA"])
    log.append([first, right, right, first])
    await run(log, ["ingest", "score"], chunk=chunk, classifier=Topical())
    assert scored(log) == [
        (None, ("company:ACME", "topic:earnings")),
        ("correction", ("company:EMCA", "topic:mergers")),
    ]


async def test_another_setting_of_a_headline_is_no_correction(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Each wire that sets capitals or quotes in its own way would look like an update."""
    headlines = ("Acme's profit falls", "ACME\u2019S PROFIT FALLS", "Acme's  profit falls.")
    log.append([news(1, headline=headline) for headline in headlines])
    await run(log, ["ingest", "score"])
    assert [revision for revision, _ in scored(log)] == [None]


async def test_a_revision_does_not_prolong_the_window(log: MemoryLog, run: Run, news: News) -> None:
    """An article that is polled for ever would never be forgotten."""
    for stamp, ticker in ((0, "A"), (59_999, "B"), (60_000, "A")):
        log.append([news(1, tickers=[ticker])._replace(timestamp=stamp)])
    await run(log, ["ingest", "score"], dedupe=DedupeSettings(window=timedelta(minutes=1)))
    assert [revision for revision, _ in scored(log)] == [None, "companies", None]


async def test_one_key_for_everything_is_bounded(log: MemoryLog, run: Run, news: News) -> None:
    """A producer's ill-chosen key would grow an entry of the memory without end."""
    log.append([news(1, headline=f"Headline {n}") for n in range(2 * MAX_MARKS)])
    await run(log, ["ingest", "score"])
    sizes = [len(record.value or b"") for record in log.read("state.score")]
    assert max(sizes) <= 20 + 16 * MAX_MARKS
    assert len(scored(log)) < MAX_MARKS
    assert set(counted(log).values()) == {1}


@pytest.mark.property
@given(
    st.lists(st.tuples(st.integers(1, 4), st.sets(st.sampled_from("ABCDE"))), max_size=30),
    st.lists(st.integers(1, 30), min_size=1, max_size=4),
)
def test_every_company_of_every_article_counts_exactly_once(
    rows: list[tuple[int, set[str]]], cuts: list[int]
) -> None:
    """A mention would be lost or doubled, depending on where a worker was restarted."""
    log = MemoryLog(partitions=2)
    rest = [
        Message(
            "news.raw",
            None,
            orjson.dumps(
                {
                    "source": "s",
                    "id": number,
                    "headline": f"News {number}",
                    "published": "2024-03-01T00:00:00Z",
                    "tickers": sorted(tickers),
                }
            ),
        )
        for number, tickers in rows
    ]
    for cut in (*cuts, len(rows)):
        log.append(rest[:cut])
        rest = rest[cut:]
        for stage in build_stages(
            ["ingest", "score"], cluster=ClusterLayout(partitions=2), classifier=NullClassifier()
        ):
            asyncio.run(drain(log, stage, chunk=cut))
    mentions = {(number, f"company:{ticker}") for number, tickers in rows for ticker in tickers}
    signals = counted(log)
    assert set(signals.values()) <= {1}
    assert len(signals) == len(mentions)
