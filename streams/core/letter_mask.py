"""Masking of dead letters before they are written, if the stage is told to."""

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from streams.core.record import Headers

Mask = Callable[[str], str]
"""Returns a text without what must not be kept."""


class LetterMask(NamedTuple):
    """Masks of a stage's dead letters.

    Attributes:
        message: Masks the words that say why.
        content: Masks keys, headers and values too; None to keep the original bytes.
    """

    message: Mask
    content: Mask | None = None


class Content(NamedTuple):
    """The content of a record: what it was, or what is left of it."""

    key: bytes | None
    value: bytes | None
    headers: Headers


def masked(content: Content, mask: Mask) -> Content:
    r"""Return ``content`` masked; bytes that are no UTF-8 stay as they are.

    >>> masked(Content(None, b"\xff me@b.example", []), lambda text: text.replace("me", "*")).value
    b'\xff *@b.example'
    """

    def bytes_masked(value: bytes | None) -> bytes | None:
        if not value:
            return value
        text = value.decode("utf-8", "surrogateescape")
        return mask(text).encode("utf-8", "surrogateescape")

    key, value, headers = content
    texts = [(name, bytes_masked(text) or b"") for name, text in headers]
    return Content(bytes_masked(key), bytes_masked(value), texts)


def fingerprint(value: bytes | None) -> str:
    """Return the SHA-256 of a value, by which the original is recognised elsewhere."""
    return sha256(value or b"").hexdigest()
