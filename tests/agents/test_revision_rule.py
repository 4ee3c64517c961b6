"""One rule for copies, further companies and corrections: `check` says what `score` will do."""

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cluster_layout import ClusterLayout
from agents.pipeline import build_stages
from agents.scoring.article_memory import MAX_MARKS
from infra.input.messages import InputMessage
from infra.input.verdicts import Item, Judge
from nlp.companies.finder import CompanyFinder
from nlp.companies.settings import CompanySettings
from nlp.null import NullClassifier
from schemas.scored import ScoredArticle
from streams.core.record import Message
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

FINDER = CompanyFinder.load(CompanySettings())
STATUS = {None: "article", "companies": "update", "correction": "correction"}
HEADLINES = ["Microsoft warns", "MICROSOFT WARNS.", "Microsoft and Apple warn", "Chip makers warn"]
TICKERS = ["AAPL", "AAPL.O", "GOOG", "GOOGL", "MSFT", "XQZ"]
NAMES = ["Microsoft", "Tesla", "Nobody & Sons"]
ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(1, 3), "headline": st.sampled_from(HEADLINES)},
        optional={
            "tickers": st.lists(st.sampled_from(TICKERS), max_size=3),
            "companies": st.lists(st.sampled_from(NAMES), max_size=2),
            "summary": st.sampled_from(["Tesla said so.", "It rains."]),
            "note": st.integers(0, 2),
        },
    ),
    max_size=20,
)
Row = dict[str, Any]


def values(rows: list[Row]) -> list[bytes]:
    """Return the records of rows."""
    common = {"source": "wire", "published": "2026-03-03T08:00:00Z"}
    return [orjson.dumps(common | row) for row in rows]


def judged(rows: list[Row], finder: CompanyFinder | None) -> list[Item]:
    """Return what ``newsquake check`` makes of rows."""
    judge = Judge(finder=finder)
    return [
        item
        for number, value in enumerate(values(rows))
        for item in judge.verdicts(InputMessage("f", number, value))
    ]


def scored(rows: list[Row], finder: CompanyFinder | None, chunk: int) -> list[ScoredArticle]:
    """Return what the pipeline writes to `news.scored` for rows."""
    log = MemoryLog(partitions=1)
    log.append([Message("news.raw", None, value) for value in values(rows)])
    for stage in build_stages(
        ["ingest", "score"],
        cluster=ClusterLayout(partitions=1),
        classifier=NullClassifier(),
        companies=finder,
    ):
        asyncio.run(drain(log, stage, chunk=chunk))
    return [ScoredArticle.from_bytes(record.value) for record in log.read("news.scored")]


@pytest.mark.property
@given(ROWS, st.integers(1, 25), st.booleans())
def test_check_says_of_each_record_what_score_makes_of_it(
    rows: list[Row], chunk: int, finds: bool
) -> None:
    """A user would be told of a correction or a copy, and get the other."""
    finder = FINDER if finds else None
    written = [
        (STATUS[scored.revision], scored.article, set(scored.subjects))
        for scored in scored(rows, finder, chunk)
    ]
    said = [item for item in judged(rows, finder) if item.status != "copy"]
    assert [(status, article) for status, article, _ in written] == [
        (item.status, item.reading and item.reading.article) for item in said
    ]
    for (status, _, subjects), item in zip(written, said, strict=True):
        if status == "update":
            names = ", ".join(sorted(name.removeprefix("company:") for name in subjects))
            assert item.reason.startswith(f"adds {names} to f:")


def test_another_ticker_of_a_company_is_no_further_company() -> None:
    """A copy under another ticker of the company would look like news of a further one."""
    rows = [{"id": 1, "headline": "Chip makers warn", "tickers": [ticker]} for ticker in TICKERS]
    statuses = [item.status for item in judged(rows, FINDER)]
    assert statuses == ["article", "copy", "update", "copy", "update", "update"]


@pytest.mark.parametrize("chunk", [1, 9])
def test_a_copy_that_names_a_further_company_by_name_counts_for_it(chunk: int) -> None:
    """Feeds that send names instead of tickers would lose all companies but the first."""
    rows: list[Row] = [
        {"id": 1, "headline": "Makers warn", "tickers": ["XQZ"], "companies": [name]}
        for name in NAMES
    ]
    assert [article.subjects for article in scored(rows, FINDER, chunk)] == [
        ("company:XQZ", "company:MSFT"),
        ("company:TSLA",),
    ]
    assert [item.status for item in judged(rows, FINDER)] == ["article", "update", "copy"]


def test_the_bound_of_an_article_is_the_same() -> None:
    """An ill-chosen key would be called a thousand corrections, and be scored two hundred times."""
    rows = [{"id": 1, "headline": f"Headline {number}"} for number in range(MAX_MARKS)]
    items = [item for item in judged(rows, None) if item.status != "copy"]
    assert len(items) == len(scored(rows, None, 50)) < MAX_MARKS
