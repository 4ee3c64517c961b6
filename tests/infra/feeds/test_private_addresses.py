"""Addresses that lead into this network."""

from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web

from infra.feeds.fetching import Fetcher, FetchFailed, Limits, Validators
from tests.infra.feeds.conftest import Serve

LIMITS = Limits(seconds=20.0, host_seconds=0.0)


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    """A fetcher with the usual limits."""
    fetcher = Fetcher("test", LIMITS)
    yield fetcher
    await fetcher.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0.0.0.0"])  # noqa: S104 - it is refused
async def test_a_private_address_is_not_fetched(serve: Serve, fetcher: Fetcher, host: str) -> None:
    """A feed's address could have the worker ask a database that only the worker can reach."""
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(text="<rss/>")

    port = httpx.URL(await serve(answer)).port
    with pytest.raises(FetchFailed) as caught:
        await fetcher.fetch(f"http://{host}:{port}/", Validators())
    assert caught.value.kind in {"private address", "connection"}
    assert asked == []


async def test_the_line_says_how_to_allow_it(fetcher: Fetcher) -> None:
    """Whoever follows a feed of the own company would not know why it fails."""
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1.*--allow-private"):
        await fetcher.fetch("http://127.0.0.1:1/", Validators())


async def test_an_allowed_address_is_fetched_and_redirects_are_kept_to(serve: Serve) -> None:
    """With the option, feeds of the own network would still fail."""

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/old":
            raise web.HTTPFound("new")
        return web.Response(text=request.path)

    fetcher = Fetcher("test", LIMITS._replace(allow_private=True))
    got = await fetcher.fetch(f"{await serve(answer)}/old", Validators())
    await fetcher.close()
    assert got.body == b"/new"


async def test_a_public_address_is_asked_by_number_and_named(fetcher: Fetcher) -> None:
    """Another address could answer than the one that was looked at, or another certificate do."""
    url, headers, extensions = await fetcher.destination(httpx.URL("https://1.1.1.1:8443/a?b=1"))
    assert str(url) == "https://1.1.1.1:8443/a?b=1"
    assert headers == {"host": "1.1.1.1:8443"}
    assert extensions == {"sni_hostname": "1.1.1.1"}
