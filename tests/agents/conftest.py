"""Articles, and the pipeline run over the log in memory."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from agents.pipeline import NAMES, stages
from nlp.null import Null
from streams.cluster import Cluster
from streams.drain import drain
from streams.memory import MemoryLog
from streams.record import Message

PARTITIONS = 2
START = datetime(2024, 3, 1, tzinfo=UTC)
Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]


def news(number: int, *, hours: float = 0.0, **fields: Any) -> Message:
    """One raw article; articles of equal number are copies of each other."""
    body = {
        "source": "wire",
        "id": str(number),
        "headline": f"Headline {number}",
        "published": (START + timedelta(hours=hours)).isoformat(),
        "tickers": ["ACME"],
    }
    return Message("news.raw", b"%d" % number, orjson.dumps(body | fields))


async def run(
    log: MemoryLog, names: Iterable[str] = NAMES, *, chunk: int = 500, **parts: Any
) -> None:
    """Drain stages one after the other, each as a process that has just started."""
    parts = {"classifier": Null(), **parts}
    for stage in stages(names, cluster=Cluster(partitions=log.partitions), **parts):
        await drain(log, stage, chunk=chunk)


@pytest.fixture
def log() -> MemoryLog:
    """An empty log."""
    return MemoryLog(partitions=PARTITIONS)


@pytest.fixture(name="news")
def making_news() -> News:
    """`news`, for tests to call."""
    return news


@pytest.fixture(name="run")
def running() -> Run:
    """`run`, for tests to call."""
    return run
