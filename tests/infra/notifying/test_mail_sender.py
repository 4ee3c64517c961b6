"""E-mail to a real SMTP server."""

import asyncio
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from agents.notifying.receivers.mail import mail
from agents.notifying.retrying import Outcome
from agents.notifying.routes import EmailRoute
from agents.notifying.sample import sample_delivery
from infra.notifying.mail_sender import send_mail

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
PASSWORD, WRONG = "pw", "hunter2"


class Mailbox:
    """What the server took, and what it answers."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.refused: dict[str, str] = {}
        self.data_answer = "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a message, or not."""
        if self.data_answer.startswith("250"):
            self.envelopes.append(envelope)
        return self.data_answer


def _authenticate(*arguments: Any) -> AuthResult:
    login = arguments[-1]
    is_right = (login.login, login.password) == (b"me", PASSWORD.encode())
    return AuthResult(success=is_right, handled=is_right)  # else the server says nothing


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """Run a server; yield what it takes, and its port."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        authenticator=_authenticate,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


async def send(port: int, **fields: Any) -> Outcome:
    """Send the sample."""
    default = {
        "to": "email",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "newsquake@news.example",
        "recipients": ["a@desk.example", "b@desk.example"],
        "allow_private": True,
        "timeout": 2,
    }
    route = EmailRoute.model_validate(default | fields)
    return await send_mail(route, mail(route, sample_delivery("desk", NOW), NOW))


async def test_a_mail_arrives(mailbox: tuple[Mailbox, int]) -> None:
    """Nobody would read of the alert."""
    box, port = mailbox
    assert await send(port, username="me", secret=PASSWORD) == Outcome("delivered")
    (envelope,) = box.envelopes
    assert envelope.rcpt_tos == ["a@desk.example", "b@desk.example"]
    content = envelope.content
    assert isinstance(content, bytes)
    message = message_from_bytes(content, policy=policy.default)
    assert message["Subject"] == "Minor alert firing: company:SAMPLE"
    assert "21 stories where 4.2 were expected" in message.get_content()


async def test_a_full_mailbox_is_tried_again_and_a_missing_one_is_not(
    mailbox: tuple[Mailbox, int],
) -> None:
    """A mail would be lost for a moment's trouble, or be tried for a day for a typing error."""
    box, port = mailbox
    box.data_answer = "452 no room"
    assert (await send(port)).verdict == "retry"
    box.data_answer = "554 spam"
    assert (await send(port)).verdict == "refused"


@pytest.mark.parametrize(
    ("refused", "verdict", "taken"),
    [
        ({"a@desk.example": "550 nobody"}, "delivered", ["b@desk.example"]),
        ({"a@desk.example": "450 later"}, "retry", ["b@desk.example"]),
        ({"a@desk.example": "550 nobody", "b@desk.example": "550 nobody"}, "refused", None),
        ({"a@desk.example": "550 nobody", "b@desk.example": "450 later"}, "retry", None),
    ],
)
async def test_recipients_are_refused_one_by_one(
    mailbox: tuple[Mailbox, int], refused: dict[str, str], verdict: str, taken: list[str] | None
) -> None:
    """One address that is no more would keep the others from ever being told."""
    box, port = mailbox
    box.refused = refused
    assert (await send(port)).verdict == verdict
    assert [envelope.rcpt_tos for envelope in box.envelopes] == ([taken] if taken else [])


async def test_a_wrong_password_is_said_and_not_shown(mailbox: tuple[Mailbox, int]) -> None:
    """The password would stand in the log."""
    outcome = await send(mailbox[1], username="me", secret=WRONG)
    assert outcome.verdict == "refused"
    assert WRONG not in outcome.problem


async def test_a_server_without_tls_gets_no_mail(mailbox: tuple[Mailbox, int]) -> None:
    """Whoever sits between could take STARTTLS away, and read password and mail."""
    box, port = mailbox
    outcome = await send(port, security="starttls")
    assert outcome.verdict == "refused"
    assert box.envelopes == []


async def test_a_server_that_drips_is_left_in_time() -> None:
    """A thread of the worker would be taken for good."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _number in range(100):
            writer.write(b"220-")
            await asyncio.sleep(0.1)
        writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    began = time.monotonic()
    outcome = await send(server.sockets[0].getsockname()[1], timeout=1)
    server.close()
    assert outcome.verdict == "retry"
    assert time.monotonic() - began < 3.0


async def test_private_servers_are_reached_only_if_allowed(mailbox: tuple[Mailbox, int]) -> None:
    """The worker could be made to speak to whatever listens on its machine."""
    outcome = await send(mailbox[1], allow_private=False)
    assert outcome.verdict == "refused"
    assert "allow_private" in outcome.problem
