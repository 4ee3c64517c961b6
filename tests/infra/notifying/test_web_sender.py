import asyncio
import socket
import time
from datetime import UTC, datetime

import pytest

from agents.notifying.retrying import Outcome
from infra.notifying.web_sender import Request, WebSender
from tests.infra.notifying.failing_server import DRIPS, HANGS, answer, failing_server

SECRET = "t0ps3cret"  # noqa: S105 - what must not be seen


async def send(url: str, *, seconds: float = 1.0, allow_private: bool = True) -> Outcome:
    """Send a small request."""
    request = Request(url, b"{}", {"idempotency-key": "k"}, seconds, allow_private)
    return await WebSender("newsquake/test").send(request)


@pytest.mark.parametrize(
    ("answers", "verdict", "retry_after"),
    [
        (answer("200 OK", "ok"), "delivered", 0.0),
        (answer("202 Accepted"), "delivered", 0.0),
        (answer("204 No Content"), "delivered", 0.0),
        # The status says that it was taken: sent again, it would be told twice.
        (answer("200 OK", "o", length=100), "delivered", 0.0),
        (answer("429 Too Many Requests", "", "Retry-After: 17"), "retry", 17.0),
        (answer("503 Unavailable", "", "Retry-After: 17"), "retry", 17.0),
        (answer("429 Too Many Requests", "", "Retry-After: soon"), "retry", 0.0),
        (answer("500 Oops", "trace"), "retry", 0.0),
        (answer("500 Oops", "tr", length=100), "retry", 0.0),
        (answer("408 Slow"), "retry", 0.0),
        (answer("400 Bad", "invalid_payload"), "refused", 0.0),
        (answer("400 Bad", "inv", length=100), "refused", 0.0),
        (answer("404 Not Found"), "refused", 0.0),
        (answer("401 Unauthorized"), "refused", 0.0),
        (b"HTTP/1.1 2", "retry", 0.0),
        (b"", "retry", 0.0),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "retry", 0.0),
        (b"HTTP/1.1 200 OK\r\nx: " + b"x" * 100_000 + b"\r\n\r\n", "retry", 0.0),
        (HANGS, "retry", 0.0),
        (DRIPS, "retry", 0.0),
    ],
)
async def test_what_servers_do_wrong(
    answers: bytes | str, verdict: str, retry_after: float
) -> None:
    """One receiver would stop the worker, lose an alert, or be told of it for ever."""
    async with failing_server(answers) as server:
        began = time.monotonic()
        outcome = await send(server.url)
    assert (outcome.verdict, outcome.retry_after) == (verdict, retry_after), outcome
    assert time.monotonic() - began < 3.0
    assert SECRET not in outcome.problem
    assert len(server.requests) == 1


async def test_a_server_that_refuses_is_tried_again() -> None:
    """A receiver that is being restarted would lose the alert."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    outcome = await send(f"http://127.0.0.1:{port}/{SECRET}")
    assert outcome.verdict == "retry"
    assert SECRET not in outcome.problem


async def test_a_redirect_is_not_followed() -> None:
    """The secret in the address, and the alert, would go where the settings do not say."""
    async with failing_server(answer("200 OK")) as other:
        moved = answer("307 Moved", "", f"Location: {other.url}")
        async with failing_server(moved) as server:
            outcome = await send(server.url)
    assert outcome.verdict == "refused"
    assert "redirect" in outcome.problem
    assert other.requests == []


async def test_retry_after_may_be_a_date() -> None:
    """A receiver that asks to be left alone until a time would be asked every few seconds."""
    later = datetime.fromtimestamp(time.time() + 90, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    async with failing_server(answer("503 Busy", "", f"Retry-After: {later}")) as server:
        outcome = await send(server.url)
    assert 80 < outcome.retry_after <= 90


async def test_the_request_is_what_was_planned() -> None:
    """A receiver would see another body than the one that was signed."""
    async with failing_server(answer("200 OK")) as server:
        await send(server.url)
    ((head, body),) = server.requests
    assert body == b"{}"
    assert head.startswith(f"POST /hook/{SECRET} ")
    assert "idempotency-key: k" in head.lower()
    assert "content-type: application/json" in head.lower()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0.0.0.0",  # noqa: S104 - it leads to this machine
        "2130706433",
        "0x7f.1",
        "127.1",
        "[::ffff:127.0.0.1]",
    ],
)
async def test_this_machine_is_not_reached_unless_allowed(host: str) -> None:
    """Whoever may name a webhook could have the worker speak to what listens on its machine."""
    async with failing_server(answer("200 OK")) as server:
        outcome = await send(f"http://{host}:{server.port}/", allow_private=False)
        assert server.requests == []
    assert outcome.verdict == "refused", outcome
    assert "allow_private" in outcome.problem


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets HTTP_PROXY would read the alerts and the secrets in their addresses."""
    async with (
        failing_server(answer("200 OK")) as proxy,
        failing_server(answer("200 OK")) as server,
    ):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert (await send(server.url)).verdict == "delivered"
        assert proxy.requests == []


async def test_many_at_once_do_not_wait_for_each_other() -> None:
    """A slow receiver would hold up all others."""
    async with failing_server(HANGS) as slow, failing_server(answer("200 OK")) as fast:
        hanging = asyncio.create_task(send(slow.url, seconds=5.0))
        began = time.monotonic()
        assert (await send(fast.url)).verdict == "delivered"
        assert time.monotonic() - began < 1.0
        hanging.cancel()
