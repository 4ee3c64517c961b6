"""The server without Kafka: who may ask, and what every answer carries."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from dashboard.api.stream import MAX_WAITING, Broadcaster
from dashboard.run import run
from dashboard.view.news_view import NewsView
from infra.http.access import SECURITY_HEADERS
from infra.settings.dashboard import Dashboard
from infra.settings.model import Settings
from infra.usage_error import UsageError
from tests.dashboard.serving import serving

Start = Callable[..., Any]
JSON = {"Content-Type": "application/json"}
PATHS = (
    "/api/now",
    "/api/traces",
    "/api/alerts",
    "/api/alerts/x",
    "/api/subjects/x",
    "/api/articles",
    "/api/articles/x",
    "/api/articles/x/raw",
    "/api/articles/x/why",
    "/api/silences",
    "/api/flow",
    "/api/doctor",
    "/api/replay-plan",
    "/api/stream",
)


@pytest.fixture
async def start(view: NewsView) -> AsyncIterator[Start]:
    """Return a function that serves the view with some settings, and gives a client of it."""
    async with AsyncExitStack() as stack:

        async def serve(**settings: Any) -> httpx.AsyncClient:
            return await stack.enter_async_context(serving(view, **settings))

        yield serve


async def test_every_answer_forbids_scripts_of_others(start: Start) -> None:
    """A headline with a script in it could send the session elsewhere."""
    client = await start()
    for path in ("/", "/alerts/x", "/assets/app.js", "/api/now", "/api/alerts/none", "/nothing"):
        headers = (await client.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        for name in SECURITY_HEADERS.keys() - {"Content-Security-Policy", "Cache-Control"}:
            assert headers[name] == SECURITY_HEADERS[name], path
    page = (await client.get("/")).text
    assert "<script>" not in page
    assert "style=" not in page
    assert "//" not in page.replace("<!doctype html>", ""), "nothing comes from elsewhere"


async def test_a_token_is_asked_for_everywhere(start: Start) -> None:
    """Whoever reaches the port could read the news that a firm pays for."""
    client = await start(token=SecretStr("s3cret"), host="0.0.0.0")  # noqa: S104 - only settings
    for path in PATHS:
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Cookie": "newsquake=9999999999.x"},
        ):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == 401, path
            assert "token" in answer.json()["error"]
    assert (await client.get("/")).status_code == 200, "the page that asks for the token"
    right = {"Authorization": "Bearer s3cret"}
    assert (await client.get("/api/now", headers=right)).status_code == 200

    assert (await client.post("/api/session", json={"token": "wrong"})).status_code == 401
    assert (await client.post("/api/session", content=b"{", headers=JSON)).status_code == 400
    entered = await client.post("/api/session", json={"token": "s3cret"})
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "s3cret" not in cookie
    assert (await client.get("/api/now")).status_code == 200, "the client keeps the cookie"


async def test_another_site_cannot_ask_through_a_browser(start: Start) -> None:
    """A page on the web could read a dashboard on the reader's own machine by a name it chose."""
    client = await start()
    foreign = await client.get("/api/now", headers={"Host": "evil.example"})
    assert foreign.status_code == 421
    assert (await client.get("/api/now", headers={"Host": "localhost:1"})).status_code == 200
    origin = {"Origin": "https://evil.example"}
    sent = await client.post("/api/session", json={"token": "x"}, headers=origin)
    assert sent.status_code == 403


async def test_failures_are_told_in_words(start: Start) -> None:
    """A program would get a page where it expects JSON."""
    client = await start()
    for path, status in {
        "/api/alerts/none": 404,
        "/api/subjects/company:NONE": 404,
        "/api/articles/none": 404,
        "/api/articles/none/raw": 404,
        "/api/alerts?limit=many": 400,
        "/api/alerts?state=odd": 400,
        "/api/traces?hours=x": 400,
        "/assets/%2e%2e%2frun.py": 404,
        "/api/nothing": 404,
    }.items():
        answer = await client.get(path)
        assert answer.status_code == status, path
        assert answer.json()["error"]
    assert (await client.post("/api/now")).status_code == 405


async def test_lists_are_filtered_and_bounded(start: Start, view: NewsView) -> None:
    """A desk would have to look through all alerts for the open ones."""
    client = await start()
    count = len(view.alerts)
    everything = (await client.get("/api/alerts")).json()["alerts"]
    still_open = (await client.get("/api/alerts?state=open")).json()["alerts"]
    resolved = (await client.get("/api/alerts?state=resolved")).json()["alerts"]
    assert len(everything) == len(still_open) + len(resolved) == count
    assert all(alert["status"] == "resolved" for alert in resolved)
    assert len((await client.get("/api/articles?q=acme&limit=7")).json()["articles"]) == 7
    subject = (await client.get("/api/subjects/company:ACME")).json()
    assert subject["alerts"][0]["subject"] == "company:ACME"


async def test_files_are_not_sent_again_while_they_are_the_same(start: Start) -> None:
    """Each page would load its fonts anew."""
    client = await start()
    first = await client.get("/assets/style.css")
    again = await client.get("/assets/style.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_an_address_that_others_reach_needs_a_token() -> None:
    """Anybody on the network could read the news."""
    open_to_all = Settings(dashboard=Dashboard(host="0.0.0.0"))  # noqa: S104 - it is refused
    with pytest.raises(UsageError, match="NEWSQUAKE_DASHBOARD__TOKEN"):
        run(open_to_all)


async def test_a_listener_that_cannot_keep_up_is_sent_away() -> None:
    """One sleeping browser would make the dashboard's memory grow, or stop the others."""
    broadcaster = Broadcaster()
    slow, quick = broadcaster.join(), broadcaster.join()
    for number in range(MAX_WAITING + 5):
        broadcaster.send("needles", number)
        await asyncio.wait_for(quick.get(), 1)
    assert (len(broadcaster), slow.qsize()) == (1, 1)
    assert slow.get_nowait() == b""
    broadcaster.close()
    assert quick.get_nowait() == b""
