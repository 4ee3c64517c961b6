"""Summaries: each company's news of a day, counted once."""

from schemas.daily_summary import DailySummary

from agents.cluster_layout import DOMAIN, ClusterLayout
from agents.pipeline import build_stages
from nlp.null import NullClassifier
from streams.core.record import Message
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

NEWS = b'{"id": "%d", "source": "wire", "headline": "N", "published": "2026-03-03", "tickers": "A"}'


async def test_a_day_is_counted_once_across_restarts() -> None:
    """A company's day would look busier, or quieter, than it was."""
    log = MemoryLog(partitions=2, counts=dict.fromkeys(DOMAIN, 1))
    for number in (1, 2, 2, 3):  # the copy of 2 does not count
        log.append([Message("news.raw", None, NEWS % number)])
        for stage in build_stages(
            ["ingest", "score", "summarise"],
            cluster=ClusterLayout(partitions=2),
            classifier=NullClassifier(),
        ):
            await drain(log, stage)
    summaries = [DailySummary.from_bytes(record.value) for record in log.read("news.summaries")]
    assert [summary.articles for summary in summaries] == [1, 2, 3]
