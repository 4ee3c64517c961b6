"""Send requests over HTTP: bounded in time, without redirects, to public addresses only."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, NamedTuple

import aiohttp
from yarl import URL

from agents.notifying.retrying import Outcome, outcome_of_status
from agents.notifying.wording import one_line
from infra.http.public_address import PrivateAddress, PublicResolver, require_public_literal
from infra.masking import mask

_EXCERPT_BYTES: Final = 2_048
_EXCERPT_SECONDS: Final = 1.0
_EXCERPT_CHARACTERS: Final = 200


class Request(NamedTuple):
    """A POST request; its address may be a secret."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    seconds: float
    allow_private: bool = False


class WebSender:
    """Sends requests; connections are not kept, since alerts are rare."""

    def __init__(self, user_agent: str) -> None:
        self._user_agent = user_agent

    async def send(self, request: Request) -> Outcome:
        """Send ``request`` and return what came of it; never raise for what a receiver does.

        A success counts once its status is there: what the body is does not matter, and if it never
        ends, the message was taken all the same.
        """
        try:
            async with asyncio.timeout(request.seconds):
                return await self._post(request)
        except TimeoutError:
            return Outcome("retry", f"no answer within {request.seconds:g} s")
        except PrivateAddress as error:
            return Outcome("refused", str(error))
        except aiohttp.InvalidURL:
            return Outcome("refused", "the address is no URL")
        except (aiohttp.ClientError, ssl.SSLError, OSError) as error:
            if isinstance(error.__cause__, PrivateAddress):
                return Outcome("refused", str(error.__cause__))
            return Outcome("retry", _without(request.url, f"{type(error).__name__}: {error}"))

    async def _post(self, request: Request) -> Outcome:
        resolver = None if request.allow_private else PublicResolver()
        connector = aiohttp.TCPConnector(resolver=resolver, force_close=True)
        headers = {
            "content-type": "application/json",
            "user-agent": self._user_agent,
            **request.headers,
        }
        async with aiohttp.ClientSession(connector=connector, trust_env=False) as session:
            if not request.allow_private:
                require_public_literal(URL(request.url).raw_host or "")
            async with session.post(
                request.url, data=request.body, headers=headers, allow_redirects=False
            ) as got:
                excerpt = "" if got.ok else _without(request.url, await _excerpt(got))
                return outcome_of_status(got.status, got.headers, excerpt, datetime.now(UTC))


async def _excerpt(got: aiohttp.ClientResponse) -> str:
    """Return the beginning of a failure's body, in one line; none if it does not come at once."""
    body = b""
    with suppress(aiohttp.ClientError, TimeoutError):
        async with asyncio.timeout(_EXCERPT_SECONDS):
            body = await got.content.read(_EXCERPT_BYTES)
    return one_line(body.decode("utf-8", "replace"), _EXCERPT_CHARACTERS)


def _without(url: str, text: str) -> str:
    """Return ``text`` without the address of the receiver, which may be a secret."""
    path = URL(url).raw_path_qs
    hidden = text.replace(url, "***").replace(path, "/***") if len(path) > 1 else text
    return str(mask(hidden))
