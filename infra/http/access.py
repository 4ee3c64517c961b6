"""Access to the HTTP ports: who may ask, and the headers of every answer.

A port that only this machine can reach wants no token. A web page that is open in a browser there
can reach it too, if its name is made to lead to 127.0.0.1 (DNS rebinding). So without a token the
request must name this machine in its `Host` header, which such a page can't have it do.
"""

import hmac
import ipaddress
import re
from typing import Final

from pydantic import SecretStr

SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Server": "newsquake",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every answer. Nothing is kept, framed or guessed, and no version is told."""
NOT_ALLOWED: Final = "the token is missing or wrong; send Authorization: Bearer and "
NOT_OURS: Final = (
    "without a token only requests to this machine by its own name are answered: ask for localhost "
    "or 127.0.0.1, or set "
)
_PORT: Final = re.compile(r":\d*$")


def is_own_address(host: str) -> bool:
    """Return whether only this machine can reach what listens at ``host``.

    >>> is_own_address("127.0.0.1"), is_own_address("::1"), is_own_address("localhost")
    (True, True, True)
    >>> is_own_address("0.0.0.0"), is_own_address("news.example")
    (False, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def has_token(authorization: str, token: SecretStr) -> bool:
    """Return whether a header ``Authorization`` has the token, in a time that tells nothing of it.

    >>> has_token("Bearer abc", SecretStr("abc")), has_token("Bearer xyz", SecretStr("abc"))
    (True, False)
    """
    expected = f"Bearer {token.get_secret_value()}".encode()
    # What is no UTF-8 comes as surrogates.
    return hmac.compare_digest(authorization.encode("utf-8", "surrogateescape"), expected)


def names_this_machine(host_header: str) -> bool:
    """Return whether a header ``Host`` names this machine; programs that send none count as ours.

    >>> names_this_machine("localhost:9200"), names_this_machine("[::1]:80"), names_this_machine("")
    (True, True, True)
    >>> names_this_machine("rebound.example:9200")
    False
    """
    host = _PORT.sub("", host_header.strip()).strip("[]").lower()
    return not host or is_own_address(host)
