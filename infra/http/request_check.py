"""What every application of aiohttp asks of a request, and in which form it tells failures."""

import asyncio
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import SecretStr

from infra.http.access import NOT_ALLOWED, NOT_OURS, has_token, names_this_machine

BODY_SECONDS: Final = 30.0
"""The time in which the body of a request must have been sent."""
_OWN_SITES: Final = frozenset({"", "same-origin", "none"})
"""What a browser says of the page that asks, if it is our own or a person; others say nothing."""
_TOLD: Final = ("Allow", "Retry-After", "WWW-Authenticate")


def check_access(
    request: web.Request, token: SecretStr, setting: str, *, is_known: bool = False
) -> None:
    """Refuse a request that may not be answered.

    Args:
        request: The request.
        token: What it must carry; empty if only this machine can reach the port.
        setting: The name of the setting that holds the token.
        is_known: Whether it needs no token, because it shows something else or asks for nothing.

    Raises:
        web.HTTPMisdirectedRequest: There is no token, and it does not name this machine.
        web.HTTPUnauthorized: It has not the token.
    """
    if not token.get_secret_value():
        if not names_this_machine(request.headers.get("Host", "")):
            raise web.HTTPMisdirectedRequest(text=f"{NOT_OURS}{setting}")
    elif not is_known and not has_token(request.headers.get("Authorization", ""), token):
        raise web.HTTPUnauthorized(
            text=f"{NOT_ALLOWED}{setting}", headers={"WWW-Authenticate": "Bearer"}
        )


def check_same_site(request: web.Request) -> None:
    """Refuse what a page of another site makes a browser send.

    Raises:
        web.HTTPForbidden: It comes from another site.
    """
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and _host_of(origin) != request.host.lower()
    if is_foreign or request.headers.get("Sec-Fetch-Site", "") not in _OWN_SITES:
        raise web.HTTPForbidden(text="the request comes from another site")


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


async def read_body(request: web.Request) -> bytes:
    """Return the body of a request.

    Raises:
        web.HTTPRequestTimeout: It was not sent in time.
        web.HTTPRequestEntityTooLarge: It is larger than the application allows.
    """
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        text = f"the body was not sent within {BODY_SECONDS:g} s; send less at a time"
        raise web.HTTPRequestTimeout(text=text) from None


def headers_of(failure: web.HTTPException) -> dict[str, str]:
    """Return the headers of a failure that its answer keeps."""
    return {name: failure.headers[name] for name in _TOLD if name in failure.headers}
