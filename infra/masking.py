"""Secrets that must not be logged, recognised by the name they are under or by their shape."""

import re
from collections.abc import Mapping
from typing import Any

MASK = "**********"

_NAMES = r"(?:passw(?:or)?d|secret|token|authorization|credentials?|api_?key)"
_NAMED = re.compile(rf"(?:^|[\W_]){_NAMES}$", re.IGNORECASE)
_SHAPES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # scheme://user:password@host (RFC 3986, section 3.2.1)
        r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)",
        # Authorization: Basic …, and Bearer … anywhere (RFC 7617, RFC 6750)
        r"(\bAuthorization\W+\w+\s+)[\w.~+/=-]+",
        r"(\bBearer\s+)(?=\S*\d)[\w.~+/=-]{8,}",
        # password=…, "api_key": …, token: "…"; but not the headline "Password: what to know"
        rf"""({_NAMES}\b(?:\s*=\s*|["']\s*:\s*|:\s*(?=["'])))("[^"]*"|'[^']*'|[^\s,;"')}}]+)""",
    )
)


def masked(value: Any, name: str = "") -> Any:
    """``value`` with what looks like a secret replaced; containers are gone through.

    By shape it can only be a best effort: what holds a secret should be a ``SecretStr``.

    >>> masked("connecting to https://me:hunter2@host/")
    'connecting to https://me:**********@host/'
    >>> masked({"password": "hunter2", "user": "me"})
    {'password': '**********', 'user': 'me'}
    """
    if _NAMED.search(name) and value is not None and value != "":
        return MASK
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, Mapping):
        return {key: masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [masked(item) for item in value]
    return value


def _masked_text(text: str) -> str:
    for shape in _SHAPES:
        text = shape.sub(rf"\1{MASK}", text)
    return text
