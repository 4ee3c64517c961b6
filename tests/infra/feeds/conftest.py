"""A local server of feeds, and feeds that send to a log in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from agents.sending.raw_record import Sender
from infra.feeds.feed import Feed
from infra.feeds.fetching import Fetcher, Limits
from infra.feeds.outlet import open_outlets
from infra.feeds.report import Report
from streams.kafka.cluster import Cluster
from streams.testing.memory_log import MemoryLog

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]
LIMITS = Limits(max_bytes=100_000, seconds=1.0, host_seconds=0.0, allow_private=True)


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve a handler at any path of a free port; return the address."""
    runners = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
def log() -> MemoryLog:
    """A log in memory with the two topics of a source."""
    return MemoryLog(partitions=1)


@pytest.fixture
async def follow(log: MemoryLog) -> AsyncIterator[Callable[[str], Awaitable[tuple[Feed, Report]]]]:
    """Follow a feed, as a process does that starts anew."""
    fetchers = []

    async def start(address: str, publisher: str = "", **limits: Any) -> tuple[Feed, Report]:
        outlets = await open_outlets(log, Cluster(), {address: address})
        fetcher, report = Fetcher("test", LIMITS._replace(**limits)), Report()
        fetchers.append(fetcher)
        outlet, sender = outlets[address], Sender("w.example")
        return Feed(address, outlet, fetcher, report, sender, 0.05, publisher), report

    yield start
    for fetcher in fetchers:
        await fetcher.close()
