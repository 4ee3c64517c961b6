"""Tags of languages as BCP 47 writes them, such as ``zh-hant``."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from schemas.incoming.languages import tag_of

ANY: Final = "*"
"""Stands for every language in the settings."""
TAG: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")
UNDETERMINED: Final = "und"
"""The tag of a text whose language nobody looked for."""
_SAME: Final = {
    "cmn": "zh",
    "yue": "zh",
    "wuu": "zh",
    "nb": "no",
    "nn": "no",
    "nob": "no",
    "nno": "no",
    "iw": "he",
    "fil": "tl",
    "ms": "id",
    "bs": "hr",
    "arz": "ar",
    "ary": "ar",
}
"""Languages that one model reads like another, or old tags, and what they count as."""
_CODES: Final = frozenset(
    {"af", "am", "an", "ar", "as", "az", "ba", "be", "bg", "bn", "br", "bs", "ca", "cs", "cy"}
    | {"da", "de", "dz", "el", "en", "eo", "es", "et", "eu", "fa", "fi", "fo", "fr", "fy", "ga"}
    | {"gd", "gl", "gu", "ha", "he", "hi", "hr", "ht", "hu", "hy", "id", "ig", "is", "it", "ja"}
    | {"jv", "ka", "kk", "km", "kn", "ko", "ku", "ky", "la", "lb", "lg", "ln", "lo", "lt", "lv"}
    | {"mg", "mk", "ml", "mn", "mr", "ms", "mt", "my", "nb", "ne", "nl", "nn", "no", "oc", "om"}
    | {"or", "pa", "pl", "ps", "pt", "qu", "ro", "ru", "rw", "sd", "se", "si", "sk", "sl", "sn"}
    | {"so", "sq", "sr", "st", "sv", "sw", "ta", "te", "tg", "th", "tk", "tl", "tr", "tt", "ug"}
    | {"uk", "ur", "uz", "vi", "wa", "xh", "yo", "zh", "zu"}
)
"""Codes of ISO 639-1 that have news. Some producers send a country, such as US, GB, IE or SG: those
are no languages with news, and are not believed."""
_MAX_CACHED_TAGS: Final = 1_024
"""Tags that were met of late: a feed says the same of all its articles."""


@lru_cache(_MAX_CACHED_TAGS)
def normal_tag(language: str) -> str:
    """Return the tag of a language in lower case, or an empty text if it names none.

    >>> normal_tag("Chinese"), normal_tag("zh_Hant_TW"), normal_tag("cmn-CN"), normal_tag("US")
    ('zh', 'zh-hant-tw', 'zh-cn', '')
    """
    tag = tag_of(language.strip())
    first, hyphen, rest = tag.partition("-")
    code = _SAME.get(first, first)
    return f"{code}{hyphen}{rest}" if code in _CODES and TAG.fullmatch(tag) else ""


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
