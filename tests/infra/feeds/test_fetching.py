"""Fetching from a local server: conditions, redirects, limits, and pauses."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from infra.feeds.feed import Feed
from infra.feeds.fetching import FetchFailed
from infra.feeds.report import Report
from streams.testing.memory_log import MemoryLog

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]
Follow = Callable[..., Awaitable[tuple[Feed, Report]]]
BODY = (
    b"<rss><channel><title>W</title><item><guid>a</guid><title>a one</title>"
    b"<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate></item></channel></rss>"
)


def sent(log: MemoryLog) -> list[bool]:
    """Return for each record on `news.raw` whether it is the article of `BODY`."""
    return [b"a one" in (record.value or b"") for record in log.read("news.raw")]


async def test_an_unchanged_feed_is_not_sent_to_us_again(serve: Serve, follow: Follow) -> None:
    """Servers would block us for the traffic."""
    conditions = []

    async def answer(request: web.Request) -> web.Response:
        conditions.append((request.headers.get("If-None-Match"), request.headers["User-Agent"]))
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304)
        return web.Response(body=BODY, headers={"ETag": '"v1"', "Cache-Control": "max-age=900"})

    address = await serve(answer)
    feed, _ = await follow(address)
    assert 900 <= await feed.poll() <= 990
    again, report = await follow(address)
    await again.poll()
    assert conditions == [(None, "test"), ('"v1"', "test")]
    assert report.sent == 0


async def test_permanent_redirects_are_remembered_and_others_followed(
    serve: Serve, follow: Follow, log: MemoryLog
) -> None:
    """A feed that moved would be asked at its old place until that is switched off."""
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path == "/old":
            return web.Response(status=301, headers={"Location": "/new"})
        if request.path == "/new":
            return web.Response(status=302, headers={"Location": "/today"})
        if request.path == "/loop":
            return web.Response(status=302, headers={"Location": "/loop"})
        return web.Response(body=BODY)

    address = await serve(answer)
    feed, _ = await follow(f"{address}/old")
    await feed.poll()
    again, _ = await follow(f"{address}/old")
    await again.poll()
    assert asked == ["/old", "/new", "/today", "/new", "/today"]
    assert sent(log) == [True]
    with pytest.raises(FetchFailed, match="redirects"):
        await (await follow(f"{address}/loop"))[0].poll()


async def test_gzip_is_unpacked_and_large_and_slow_answers_end(
    serve: Serve, follow: Follow, log: MemoryLog
) -> None:
    """One feed would fill the memory, or hold up its follower for ever."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/gzip":
            body = gzip.compress(BODY)
            return web.Response(body=body, headers={"Content-Encoding": "gzip"})
        if request.path == "/bomb":
            body = gzip.compress(b" " * 10_000_000)
            return web.Response(body=body, headers={"Content-Encoding": "gzip"})
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.1)
        return response

    address = await serve(answer)
    await (await follow(f"{address}/gzip"))[0].poll()
    assert sent(log) == [True]
    with pytest.raises(FetchFailed, match="more than 100000 bytes"):
        await (await follow(f"{address}/bomb"))[0].poll()
    with pytest.raises(FetchFailed, match="longer than 1 s"):
        await (await follow(f"{address}/drip"))[0].poll()
    with pytest.raises(FetchFailed, match="Connect"):
        await (await follow("http://127.0.0.1:1/"))[0].poll()


async def test_a_server_that_asks_to_wait_is_left_alone(
    serve: Serve, follow: Follow, log: MemoryLog
) -> None:
    """A server that is overloaded would be asked all the more."""
    times = []

    async def answer(_: web.Request) -> web.Response:
        times.append(asyncio.get_running_loop().time())
        if len(times) == 1:
            return web.Response(status=429, headers={"Retry-After": "1"})
        if len(times) <= 3:
            return web.Response(status=503)
        return web.Response(body=BODY)

    feed, report = await follow(await serve(answer))
    task = asyncio.create_task(feed.follow())
    async with asyncio.timeout(10):
        while not log.read("news.raw"):  # noqa: ASYNC110 - the log has no event for it
            await asyncio.sleep(0.05)
    task.cancel()
    assert times[1] - times[0] >= 1.0
    assert report.total_failures == 3
    registry = report.exporter.registry
    labels = {"agent": "source", "feed": feed.address, "outcome": "status 429"}
    assert registry.get_sample_value("newsquake_source_polls_total", labels) == 1


async def test_a_feed_that_is_gone_ends_and_one_that_fails_is_not_ready(
    serve: Serve, follow: Follow
) -> None:
    """A feed that was given up would be fetched for ever, and nobody would know."""
    statuses = [500, 500, 500, 410]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=statuses.pop(0))

    feed, report = await follow(await serve(answer))
    await asyncio.wait_for(feed.follow(), 10)
    assert "410" in report.ready()[0]
