"""Tags of languages as BCP 47 writes them, such as ``zh-hant``."""

import re
from collections.abc import Iterator
from typing import Final

from schemas.incoming.languages import TAGS, tag_of

ANY: Final = "*"
"""Stands for every language in the settings."""
TAG: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")
KNOWN: Final = TAGS
"""Languages that are counted under their own names."""
UNDETERMINED: Final = "und"
"""The tag of a text whose language nobody looked for."""
_SAYS_NOTHING: Final = frozenset({UNDETERMINED, "mul", "mis", "zxx", "art"})
"""Tags of texts without a language, of several, or of one that nobody knows."""
_SAME: Final = {
    "cmn": "zh",
    "yue": "zh",
    "wuu": "zh",
    "nb": "no",
    "nn": "no",
    "nob": "no",
    "nno": "no",
    "iw": "he",
    "in": "id",
    "ms": "id",
    "bs": "hr",
    "arz": "ar",
    "ary": "ar",
}
"""Languages that one model reads like another, or old tags, and what they count as."""


def normal_tag(language: str) -> str:
    """Return the tag of a language in lower case, or an empty text if it names none.

    >>> normal_tag("Chinese"), normal_tag("zh_Hant_TW"), normal_tag("cmn-CN"), normal_tag("und")
    ('zh', 'zh-hant-tw', 'zh-cn', '')
    """
    tag = tag_of(language.strip())
    first, hyphen, rest = tag.partition("-")
    if first in _SAYS_NOTHING or not TAG.fullmatch(tag):
        return ""
    return f"{_SAME.get(first, first)}{hyphen}{rest}"


def primary(tag: str) -> str:
    """Return the language of a tag without script and region.

    >>> primary("zh-hant-tw")
    'zh'
    """
    return tag.partition("-")[0]


def prefixes(tag: str) -> Iterator[str]:
    """Yield the tag and its shorter forms, the longest first (RFC 4647, section 3.4).

    >>> list(prefixes("zh-hant-tw"))
    ['zh-hant-tw', 'zh-hant', 'zh']
    """
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]
