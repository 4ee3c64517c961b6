"""What an article counts for: the companies that it is about, given or found."""

from collections.abc import Awaitable, Callable

from nlp.companies.company_list import listed_company
from nlp.companies.finder import CompanyFinder
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.record import Message
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]


async def test_companies_in_the_text_are_subjects_with_their_relevance(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Most feeds send no tickers, and a desk would hear nothing of its companies."""
    headline = "Acme to recall anvils, says analyst at Emca"
    summary = "Orbit sells them."
    log.append([news(1, headline=headline, summary=summary, tickers=["GVN", "EMCA"])])
    listed = [
        listed_company("Acme", "ACM", []),
        listed_company("Emca", "EMCA", []),
        listed_company("Orbit", "ORB", []),
    ]
    await run(log, ["ingest", "score"], companies=CompanyFinder(listed, floor=0.3))
    signals = [Signal.from_bytes(record.value) for record in log.read("news.signals")]
    assert {signal.subject: signal.relevance for signal in signals} == {
        "company:GVN": 1.0,
        "company:EMCA": 0.15,
        "company:ACM": 1.0,
        "company:ORB": 0.5,
    }


async def test_a_bystander_is_neither_subject_nor_signal(
    log: MemoryLog, run: Run, news: News
) -> None:
    """A bank's series would rise with every opinion of its analysts on others."""
    log.append([news(1, headline="Acme sinks, says analyst at Emca", tickers=[])])
    finder = CompanyFinder(
        [listed_company("Acme", "ACM", []), listed_company("Emca", "EMCA", [])], floor=0.3
    )
    await run(log, ["ingest", "score"], companies=finder)
    (article,) = log.read("news.scored")
    assert ScoredArticle.from_bytes(article.value).subjects == ("company:ACM",)
    assert [record.key for record in log.read("news.signals")] == [b"company:ACM"]
