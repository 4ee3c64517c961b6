"""Folding of accents, apostrophes and wide letters that keeps every character's position."""

import unicodedata
from typing import Final

_APOSTROPHES: Final = dict.fromkeys("\u2018\u2019\u02bc", "'")
_HYPHENS: Final = dict.fromkeys("\u2010\u2011\u2013", "-")
_ACCENTED_LATIN: Final = range(0xC0, 0x250)
_FULL_WIDTH: Final = range(0xFF01, 0xFF5F)
_FULL_WIDTH_OFFSET: Final = 0xFEE0
"""Distance from an ASCII character to its full-width form."""
_LETTERS_WITH_STROKE: Final = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}

_FOLDED: Final[dict[int, str]] = (
    str.maketrans(_APOSTROPHES | _HYPHENS | _LETTERS_WITH_STROKE)
    | {code: chr(code - _FULL_WIDTH_OFFSET) for code in _FULL_WIDTH}
    | {
        code: base
        for code in _ACCENTED_LATIN
        if (base := unicodedata.normalize("NFD", chr(code))[0]).isascii()
    }
)
"""Replacement for each character that `plain` folds, by code point."""


def plain(text: str) -> str:
    r"""Return ``text`` with single spaces, and without accents, curly apostrophes and wide letters.

    >>> plain("Nestlé\u2019s  L'Oréal")
    "Nestle's L'Oreal"
    """
    text = " ".join(text.split())
    return text if text.isascii() else text.translate(_FOLDED)


def lower(text: str) -> str:
    """Return a `plain` text in lower case, at the same length.

    The only letter whose lower case is two characters is the dotted capital I, which `plain`
    replaces.
    """
    return text.lower()
