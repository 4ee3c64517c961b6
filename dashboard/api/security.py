"""Who may ask: whom the HTTP ports let in, and browsers that have shown the token once.

A browser shows the token once and gets a cookie, which is an expiry and its HMAC under the token.
So nothing is kept here, and a new token ends all sessions.
"""

import hmac
import time
from typing import Any, Final

from aiohttp import web

from infra.http.access import SECURITY_HEADERS, has_token
from infra.http.request_check import check_access, check_same_site
from infra.settings.dashboard import Dashboard

COOKIE: Final = "newsquake"
SESSION_SECONDS: Final = 12 * 3600
_OPEN_PATHS: Final = frozenset({"/api/session", "/api/openapi.json", "/api/live"})
"""What is told without a token: it says nothing of the news."""
_READING: Final = frozenset({"GET", "HEAD"})
HEADERS: Final = SECURITY_HEADERS | {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
"""Those of every port, but our own scripts and styles are let in."""


class Guard:
    """Decides who may ask, by the settings."""

    def __init__(self, settings: Dashboard) -> None:
        self._token = settings.token

    def check(self, request: web.Request) -> None:
        """Refuse a request that may not be answered.

        Raises:
            web.HTTPMisdirectedRequest: It names a host that this is not.
            web.HTTPForbidden: It would change something, and comes from another site.
            web.HTTPUnauthorized: It has neither the token nor a session.
        """
        path = request.path
        is_open = not path.startswith("/api/") or path in _OPEN_PATHS
        is_known = is_open or self.is_session(request.cookies.get(COOKIE, ""), time.time())
        check_access(request, self._token, "dashboard.token", is_known=is_known)
        if request.method not in _READING:
            check_same_site(request)

    def is_token(self, text: str) -> bool:
        """Return whether a text is the token."""
        return has_token(f"Bearer {text}", self._token)

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
        is_ours = hmac.compare_digest(
            signature.encode("utf-8", "replace"), self._sign(expiry).encode()
        )
        return is_ours and expiry.isdigit() and now < int(expiry)

    def _sign(self, expiry: str) -> str:
        secret, words = self._token.get_secret_value(), f"session {expiry}"
        return hmac.new(secret.encode(), words.encode("utf-8", "replace"), "sha256").hexdigest()


@web.middleware
async def add_headers(request: web.Request, handler: Any) -> web.StreamResponse:
    """Add the security headers to every answer; failures are answers here."""
    response: web.StreamResponse = await handler(request)
    if not response.prepared:  # a stream has sent its own
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response
