"""Receivers of alerts: a signed webhook, an SMTP server, and whoever Alertmanager tells."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from agents.notifying.receivers.webhook import is_signed
from tests.infra.notifying.alertmanager import alertmanager

SECRET = "what signs"  # noqa: S105 - of a test
GROUP_WAIT = 1


class Taken(NamedTuple):
    """One request of the webhook."""

    key: str
    body: bytes
    is_genuine: bool

    @property
    def events(self) -> list[str]:
        """The ids of the changes that it tells of."""
        return [told["event_id"] for told in orjson.loads(self.body)["alerts"]]


class Receivers:
    """All that was told.

    Attributes:
        requests: What the webhook took.
        mails: What the SMTP server took.
        pages: What Alertmanager told, page by page: id, severity and status of each alert.
        routes: The settings of `notify`, with a route to each.
    """

    def __init__(self, pause: float) -> None:
        """Let the webhook answer after ``pause`` seconds."""
        self.pause = pause
        self.requests: list[Taken] = []
        self.mails: list[EmailMessage] = []
        self.pages: list[set[tuple[str, str, str]]] = []
        self.routes: dict[str, dict[str, Any]] = {}

    async def take_request(self, request: web.Request) -> web.Response:
        """Take a request, and be slow to say so."""
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        is_genuine = is_signed(SECRET, headers, body, round(time.time()))
        self.requests.append(Taken(headers["idempotency-key"], body, is_genuine))
        await asyncio.sleep(self.pause)
        return web.Response()

    async def take_page(self, request: web.Request) -> web.Response:
        """Take a page of Alertmanager."""
        self.pages.append(
            {
                (item["labels"]["alert_id"], item["labels"]["severity"], item["status"])
                for item in (await request.json())["alerts"]
            }
        )
        return web.Response()

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    @property
    def changes(self) -> Counter[tuple[str, str, str]]:
        """How often an alert began to be shown with a severity and status by Alertmanager.

        A page shows its whole group: what ended lately stands there as long as its end is repeated.
        """
        shown: dict[tuple[str, str], str] = {}
        told: Counter[tuple[str, str, str]] = Counter()
        for page in self.pages:
            for name, severity, status in page:
                told[name, severity, status] += shown.get((name, severity)) != status
                shown[name, severity] = status
        return +told


@asynccontextmanager
async def receivers(folder: Path, pause: float) -> AsyncIterator[Receivers]:
    """Run all receivers on free ports."""
    state = Receivers(pause)
    app = web.Application()
    app.router.add_post("/hook", state.take_request)
    app.router.add_post("/page", state.take_page)
    runner = web.AppRunner(app)
    async with AsyncExitStack() as stack:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        base = f"http://127.0.0.1:{port}"
        monitoring = await stack.enter_async_context(
            alertmanager(folder, f"{base}/page", wait=GROUP_WAIT)
        )
        mail_port = stack.enter_context(_mail_server(state))
        state.routes = {
            "programs": {"to": "webhook", "url": f"{base}/hook", "secret": SECRET},
            "people": {
                "to": "email",
                "host": "127.0.0.1",
                "port": mail_port,
                "security": "none",
                "sender": "newsquake@news.example",
                "recipients": ["desk@desk.example"],
                "max_notices": 1,
            },
            "monitoring": {
                "to": "alertmanager",
                "url": monitoring,
                "heartbeat": "10s",
                "settle": f"{2 * GROUP_WAIT}s",
                "resend": "20s",
            },
        }
        yield state


@contextmanager
def _mail_server(state: Receivers) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    controller = Controller(state, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
