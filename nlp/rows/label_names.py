"""Spellings of labels: the usual names of sentiments, and numbers."""

import re
from typing import Final

_PREFIX: Final = re.compile(r"(?:(?:label|class|sentiment|polarity)\s+)?")
_DEGREE: Final = re.compile(
    r"(?:(?:very|strongly|extremely|highly|mostly|moderately|somewhat|slightly|mildly)\s+)?"
)
_SEPARATORS: Final = re.compile(r"[\W_]+")
_NUMBER: Final = re.compile(r"_*(?:(?:label|class)_*[_ -]?)?([+-]?\d{1,6})(?:\.0+)?", re.IGNORECASE)
_SPELLINGS: Final = {
    "negative": "negative neg negativ bearish bear",
    "neutral": "neutral neu neut",
    "positive": "positive pos positiv bullish bull",
}
_SENTIMENT_BY_SPELLING: Final = {
    spelling: sentiment
    for sentiment, spellings in _SPELLINGS.items()
    for spelling in spellings.split()
}


def sentiment_named(label: str) -> str | None:
    """Return the sentiment that a label names in one of its usual spellings, or None.

    >>> [sentiment_named(label) for label in ("Bearish", "LABEL_POS", "very negative", "LABEL_1")]
    ['negative', 'positive', 'negative', None]
    """
    words = _SEPARATORS.sub(" ", label.casefold()).strip()
    words = _PREFIX.sub("", words, count=1)
    return _SENTIMENT_BY_SPELLING.get(_DEGREE.sub("", words, count=1))


def number_in(label: str) -> int | None:
    """Return the whole number that a label is, with or without ``LABEL_`` before it, or None.

    >>> [number_in(label) for label in ("2", "-1.0", "LABEL_0", "label-1", "0.35", "Q2")]
    [2, -1, 0, 1, None, None]
    """
    match = _NUMBER.fullmatch(label.strip())
    return int(match[1]) if match else None
