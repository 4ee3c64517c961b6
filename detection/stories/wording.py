"""The wording of a headline, which is the same however it is set."""

import re
from typing import Final
from unicodedata import normalize

_SETTING: Final = re.compile(r"[\W_]+")
_ASCII_SETTING: Final = bytes(code for code in range(128) if not chr(code).isalnum())


def wording(headline: str) -> str:
    """Return letters and digits in lower case, without white space and punctuation.

    >>> wording("Acme's profit falls 5%") == wording("ACME'S  PROFIT  falls 5 %.")
    True
    """
    if headline.isascii():
        return headline.lower().encode().translate(None, _ASCII_SETTING).decode()
    return _SETTING.sub("", normalize("NFKC", headline)).casefold()
