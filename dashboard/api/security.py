"""Who may ask: a token outside this machine, no foreign hosts, and headers that forbid scripts.

A browser shows the token once and gets a cookie, which is an expiry and its HMAC under the token.
So nothing is kept here, and a new token ends all sessions.
"""

import hmac
import time
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from infra.http.access import is_own_address
from infra.settings.dashboard import Dashboard

COOKIE: Final = "newsquake"
SESSION_SECONDS: Final = 12 * 3600
_OPEN_PATHS: Final = frozenset({"/api/session", "/api/openapi.json", "/api/live"})
"""What is told without a token: it says nothing of the news."""
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Guard:
    """Decides who may ask, by the settings."""

    def __init__(self, settings: Dashboard) -> None:
        self._host = settings.host
        self._token = settings.token.get_secret_value()

    def check(self, request: web.Request) -> None:
        """Refuse a request that may not be answered.

        Raises:
            web.HTTPForbidden: It names a host that this is not, or comes from another site.
            web.HTTPUnauthorized: It has neither the token nor a session.
        """
        host = urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
        if not self._token and not is_own_address(host) and host != self._host:
            # Without a token, a page of another site could reach this one by a name of its own.
            raise web.HTTPForbidden(text=f"{host} is not the name of this dashboard")
        origin = request.headers.get("Origin")
        if origin and request.method != "GET" and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="the request comes from another site")
        path = request.path
        if path.startswith("/api/") and path not in _OPEN_PATHS and not self.is_allowed(request):
            raise web.HTTPUnauthorized(
                text="the token is missing or wrong; send Authorization: Bearer and "
                "dashboard.token",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def is_allowed(self, request: web.Request) -> bool:
        """Return whether a request has the token or a session, where there is a token."""
        if not self._token:
            return True
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.is_token(sent) or self.is_session(request.cookies.get(COOKIE, ""), time.time())

    def is_token(self, text: str) -> bool:
        """Return whether a text is the token."""
        return hmac.compare_digest(text.encode(), self._token.encode())

    def session(self, now: float) -> str:
        """Return the value of a cookie that is good for `SESSION_SECONDS`."""
        expiry = f"{now + SESSION_SECONDS:.0f}"
        return f"{expiry}.{self._sign(expiry)}"

    def is_session(self, cookie: str, now: float) -> bool:
        """Return whether a cookie is one that `session` made, and still good.

        >>> from pydantic import SecretStr
        >>> guard = Guard(Dashboard(token=SecretStr("secret")))
        >>> cookie = guard.session(0.0)
        >>> guard.is_session(cookie, 60.0), guard.is_session(cookie, 1e9)
        (True, False)
        >>> guard.is_session("9" + cookie, 60.0), guard.is_session("", 60.0)
        (False, False)
        """
        expiry, _, signature = cookie.partition(".")
        is_ours = hmac.compare_digest(signature.encode(), self._sign(expiry).encode())
        return is_ours and expiry.isdigit() and now < int(expiry)

    def _sign(self, expiry: str) -> str:
        return hmac.new(self._token.encode(), f"session {expiry}".encode(), "sha256").hexdigest()


@web.middleware
async def add_headers(request: web.Request, handler: Any) -> web.StreamResponse:
    """Add the security headers to every answer; failures are answers here."""
    response: web.StreamResponse = await handler(request)
    if not response.prepared:  # a stream has sent its own
        response.headers.update(HEADERS)
    return response
