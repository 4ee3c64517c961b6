"""Topics as the agents write them, and a view that has read them."""

import asyncio
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from agents.cluster_layout import DOMAIN, ClusterLayout
from agents.pipeline import USUAL, build_stages
from dashboard.view.news_view import CHANNELS, NewsView
from nlp.lexicon.lexicon import Lexicon
from streams.core.record import Message, Stored
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog
from tests.dashboard.chromium import browser
from tests.dashboard.serving import PARTITIONS, fold

_LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests that need a browser where there is none; the summary says so."""
    needing = [item for item in items if item.get_closest_marker("browser")]
    if needing and browser() is None:
        config.stash[_LEFT_OUT] = len(needing)
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if item not in needing]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which tests were left out, and how to have them."""
    if count := config.stash.get(_LEFT_OUT, 0):
        terminalreporter.write_line(
            f"{count} tests of the dashboard's pages were left out: there is no Chromium; install "
            "chromium-headless-shell, or name one in CHROME_BIN"
        )


START = datetime(2024, 3, 1, tzinfo=UTC)


def news(number: int, hours: float, headline: str, ticker: str = "ACME") -> Message:
    """Return a raw article."""
    published = (START + timedelta(hours=hours)).isoformat()
    body = {"source": "wire", "id": str(number), "headline": headline, "published": published}
    value = orjson.dumps(body | {"tickers": [ticker], "url": "https://wire.example/1"})
    return Message("news.raw", b"%d" % number, value, partition=number % PARTITIONS)


def surge() -> list[Message]:
    """Return weeks of little news about two companies, an hour of bad news, and quiet again."""
    quiet = [news(n, 12.0 * n, f"Acme opens office {n}") for n in range(120)]
    other = [news(500 + n, 24.0 * n + 5, f"Emca moves {n}", "EMCA") for n in range(60)]
    storm = [
        news(
            1000 + n,
            1440 + n / 30,
            f"{n} Acme faces bankruptcy after fraud losses of {n * n} in {n**3}",
        )
        for n in range(40)
    ]
    after = [news(2000 + n, 1500 + 12.0 * n, f"Acme goes on {n}") for n in range(12)]
    bad = Message("news.raw", b"x", b"{broken", partition=0)
    articles = [*quiet, *other, *storm, *after]
    ordered = sorted(articles, key=lambda message: orjson.loads(message.value or b"")["published"])
    return [*ordered, bad]


@pytest.fixture(scope="session")
def log() -> MemoryLog:
    """Return a log in memory after all agents have run on it."""
    log = MemoryLog(partitions=PARTITIONS, counts=dict.fromkeys(DOMAIN, 1))
    log.append(surge())

    async def run() -> None:
        cluster = ClusterLayout(partitions=PARTITIONS)
        for name in USUAL:
            for stage in build_stages([name], cluster=cluster, classifier=Lexicon()):
                await drain(log, stage, chunk=50)

    asyncio.run(run())
    return log


@pytest.fixture(scope="session")
def topics(log: MemoryLog) -> dict[str, list[Stored]]:
    """Return the records of every topic that the dashboard reads, as the agents write them."""
    return {channel.topic: log.read(channel.topic) for channel in CHANNELS}


@pytest.fixture(scope="session")
def raw(log: MemoryLog) -> list[Stored]:
    """Return the records that producers sent."""
    return log.read("news.raw")


@pytest.fixture
def view(topics: dict[str, list[Stored]]) -> NewsView:
    """Return a view that has read all topics."""
    return fold(topics)
