"""Send e-mail by SMTP, in a thread, bounded in time."""

import asyncio
import smtplib
import socket
import ssl
from contextlib import suppress
from email.message import EmailMessage
from typing import Final

from agents.notifying.retrying import DELIVERED, Outcome, outcome_of_smtp
from agents.notifying.routes import EmailRoute
from agents.notifying.wording import one_line
from infra.http.public_address import PrivateAddress, require_public

_MAX_REPLY: Final = 200
_HARD: Final = 500
_READY: Final = 220


async def send_mail(route: EmailRoute, message: EmailMessage) -> Outcome:
    """Send ``message`` and return what came of it; never raise for what a server does."""
    seconds, attempt = route.timeout.total_seconds(), _Attempt(route, message)
    work = asyncio.create_task(asyncio.to_thread(attempt.run))
    done, _ = await asyncio.wait([work], timeout=seconds)
    if not done:
        attempt.abort()  # a server that drips keeps each single read within its time-out
        await asyncio.wait([work], timeout=seconds)
        return Outcome("retry", f"no answer within {seconds:g} s")
    return work.result()


class _Attempt:
    """One connection."""

    def __init__(self, route: EmailRoute, message: EmailMessage) -> None:
        self._route = route
        self._message = message
        self.socket: socket.socket | None = None

    def run(self) -> Outcome:
        """Send the message."""
        route = self._route
        try:
            return self._send()
        except PrivateAddress as error:
            return Outcome("refused", str(error))
        except smtplib.SMTPRecipientsRefused as error:
            return _worst(error.recipients)
        except smtplib.SMTPResponseException as error:
            return outcome_of_smtp(error.smtp_code, _reply(error.smtp_error))
        except smtplib.SMTPNotSupportedError as error:
            return Outcome("refused", f"{route.host}: {error}")
        except (smtplib.SMTPException, ssl.SSLError, OSError, ValueError) as error:
            return Outcome("retry", one_line(f"{type(error).__name__}: {error}", _MAX_REPLY))

    def abort(self) -> None:
        """Cut the connection, from another thread."""
        if self.socket:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)

    def _send(self) -> Outcome:
        route = self._route
        server = _Connection(timeout=route.timeout.total_seconds())
        try:
            server.open(route, self)
            server.ehlo_or_helo_if_needed()
            if route.security == "starttls":
                server.starttls(context=ssl.create_default_context())
                self.socket = server.sock
            if route.username:
                server.login(route.username, route.secret.get_secret_value())
            refused = server.send_message(self._message)
            # It is taken. Whatever comes of the good-bye, it must not be sent again.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()
        # Those who were not refused have the message.
        is_temporary = any(code < _HARD for code, _ in refused.values())
        return _worst(refused) if is_temporary else DELIVERED


class _Connection(smtplib.SMTP):
    """A connection to an address that was looked at first."""

    def open(self, route: EmailRoute, attempt: _Attempt) -> None:
        """Connect as ``route`` says; ``attempt`` gets the socket, to cut it."""
        host, seconds = route.host, route.timeout.total_seconds()
        places = [info[4] for info in socket.getaddrinfo(host, route.port, type=socket.SOCK_STREAM)]
        if not route.allow_private:
            for place in places:
                require_public(host, str(place[0]))
        for number, place in enumerate(places, 1):
            try:
                connected = socket.create_connection((str(place[0]), int(place[1])), seconds)
                break
            except OSError:
                if number == len(places):
                    raise
        self.sock = attempt.socket = connected
        self._host = host  # the name that a certificate must have
        if route.security == "tls":
            context = ssl.create_default_context()
            self.sock = attempt.socket = context.wrap_socket(connected, server_hostname=host)
        code, reply = self.getreply()
        if code != _READY:
            raise smtplib.SMTPConnectError(code, reply)


def _worst(refused: dict[str, tuple[int, bytes]]) -> Outcome:
    """Return the outcome for recipients of whom each was refused; one that may pass counts."""
    code, reply = min(refused.values())
    return outcome_of_smtp(code, f"{_reply(reply)} ({len(refused)} refused)")


def _reply(reply: bytes | str) -> str:
    return one_line(reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply, 200)
