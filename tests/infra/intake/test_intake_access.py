"""Requests that are refused before anything is sent to Kafka, on a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web
from pydantic import SecretStr

from agents.sending.producer import Producer
from agents.sending.raw_record import Sender
from infra.http import request_check
from infra.http.access import SECURITY_HEADERS
from infra.intake.server import Intake
from infra.settings.serve import Serve
from streams.kafka.cluster import Cluster

TOKEN = "s3cret"  # noqa: S105 - of a server that lives for a moment
JSON = {"Content-Type": "application/json"}


@asynccontextmanager
async def serving(token: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """Serve, and yield a client without a token."""
    intake = Intake(Producer(Cluster()), Sender(topic="news.raw"), Serve(token=SecretStr(token)))
    runner = web.AppRunner(intake.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=20) as client:
        yield client
    await runner.cleanup()


async def test_a_token_that_is_no_text_is_refused() -> None:
    """A scanner's odd bytes would be failures of the server, in the log and in the metrics."""
    async with serving(TOKEN) as client:
        for sent in (b"Bearer \xff\xfe", b"Bearer", b"Basic s3cret", b"Bearer s3cre", b""):
            answer = await client.post("/articles", headers=[(b"Authorization", sent)])
            assert answer.status_code == 401, sent


async def test_without_a_token_only_this_machines_name_is_answered() -> None:
    """A web page in the user's browser, whose name leads to 127.0.0.1, could plant news."""
    async with serving() as client:
        page = await client.post("/articles", content=b"{", headers={"Host": "x.example", **JSON})
        assert page.status_code == 421
        assert "serve.token" in page.json()["error"]
        own = await client.post("/articles", content=b"{", headers={"Host": "localhost:1", **JSON})
        assert own.status_code == 400
    async with serving(TOKEN) as client:
        headers = {"Host": "x.example", "Authorization": f"Bearer {TOKEN}", **JSON}
        assert (await client.post("/articles", content=b"{", headers=headers)).status_code == 400


async def test_every_answer_has_the_security_headers() -> None:
    """A browser would keep, frame or guess what it got, and a scanner learn versions."""
    async with serving(TOKEN) as client:
        for path in ("/openapi.json", "/live", "/articles", "/nowhere"):
            headers = (await client.get(path)).headers
            assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


async def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few senders that never finish would hold connections and memory for ever."""
    monkeypatch.setattr(request_check, "BODY_SECONDS", 0.3)

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" "
            await asyncio.sleep(0.1)

    async with serving() as client:
        answer = await client.post("/articles", content=drip(), headers=JSON)
    assert answer.status_code == 408
