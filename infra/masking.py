"""Masking of secrets in log output, recognised by their name or by their shape."""

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
        r"((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://[^\s/:@]{0,200}:)[^\s/@]{1,1000}(?=@)",
        # Authorization: Basic …, and Bearer … anywhere (RFC 7617, RFC 6750)
        r"(\bAuthorization\W+\w+\s+)[\w.~+/=-]+",
        r"(\bBearer\s+)(?=\S*\d)[\w.~+/=-]{8,}",
        # password=…, "api_key": …, token: "…"; but not the headline "Password: what to know"
        rf"""({_NAMES}\b(?:\s*=\s*|["']\s*:\s*|:\s*(?=["'])))("[^"]*"|'[^']*'|[^\s,;"')}}]+)""",
    )
)


def mask(value: Any, name: str = "") -> Any:
    """Return ``value`` with everything that looks like a secret replaced, in containers too.

    ``name`` is the field or key of the value. Recognition by shape is a best effort: code that
    holds a secret should hold it in a ``SecretStr``.

    >>> mask("connecting to https://me:hunter2@host/")
    'connecting to https://me:**********@host/'
    >>> mask({"password": "hunter2", "user": "me"})
    {'password': '**********', 'user': 'me'}
    """
    if _NAMED.search(name) and value is not None and value != "":
        return MASK
    if isinstance(value, str):
        for shape in _SHAPES:
            value = shape.sub(rf"\1{MASK}", value)
        return value
    if isinstance(value, Mapping):
        return {key: mask(item, str(key)) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [mask(item) for item in value]
    return value
