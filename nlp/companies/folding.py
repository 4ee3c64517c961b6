"""Texts made comparable without moving a character: positions stay those of the text."""

import unicodedata
from collections.abc import Iterator
from typing import Final

_SIGNS: Final = dict.fromkeys("\u2018\u2019\u02bc", "'") | dict.fromkeys("\u2010\u2011\u2013", "-")
_LATIN: Final = range(0xC0, 0x250)
_WIDE: Final = range(0xFF01, 0xFF5F)
_WIDE_OFFSET: Final = 0xFEE0


def plain(text: str) -> str:
    r"""``text`` with single spaces, and without accents, curly apostrophes and wide letters.

    >>> plain("Nestlé\u2019s  L'Oréal")
    "Nestle's L'Oreal"
    """
    text = " ".join(text.split())
    return text if text.isascii() else text.translate(_TABLE)


def lower(text: str) -> str:
    """A `plain` text in lower case, of the same length.

    Of all letters only the capital I with a dot becomes two, and `plain` has none.
    """
    return text.lower()


def _letters() -> Iterator[tuple[int, str]]:
    yield from ((ord(sign), to) for sign, to in _SIGNS.items())
    yield from ((code, chr(code - _WIDE_OFFSET)) for code in _WIDE)
    for code in _LATIN:
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            yield code, base


_TABLE: Final = dict(_letters()) | {ord("ø"): "o", ord("Ø"): "O", ord("ł"): "l", ord("Ł"): "L"}
