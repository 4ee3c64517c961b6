"""Languages as feeds write them, as BCP 47 tags."""

from functools import lru_cache
from typing import Final

_TAGS: Final = {
    "en": "english eng", "de": "german deu ger deutsch", "fr": "french fra fre", "ar": "arabic ara",
    "es": "spanish spa", "it": "italian ita", "pt": "portuguese por", "nl": "dutch nld dut",
    "ja": "japanese jpn", "zh": "chinese zho chi", "ko": "korean kor", "ru": "russian rus",
    "sv": "swedish swe", "da": "danish dan", "no": "norwegian nor", "fi": "finnish fin",
    "pl": "polish pol", "tr": "turkish tur", "el": "greek ell gre", "he": "hebrew heb",
    "hi": "hindi hin", "cs": "czech ces cze", "hu": "hungarian hun", "ro": "romanian ron rum",
    "uk": "ukrainian ukr", "id": "indonesian ind", "vi": "vietnamese vie", "th": "thai tha",
}  # fmt: skip
_CACHED_NAMES: Final = 1_024
_BY_NAME: Final = {name: tag for tag, names in _TAGS.items() for name in names.split()}


@lru_cache(_CACHED_NAMES)
def tag_of(language: str) -> str:
    """Return the tag of a language in lower case.

    >>> tag_of("English"), tag_of("eng"), tag_of("en_US")
    ('en', 'en', 'en-us')
    """
    low = language.lower().replace("_", "-")
    low = low.partition(" ")[0].partition(",")[0].partition(";")[0] or low
    return _BY_NAME.get(low, low)
