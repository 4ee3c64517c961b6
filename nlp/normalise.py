"""What is an artefact of a medium and not of the news is taken out before a model sees a text."""

import re
from html import unescape
from typing import Final

MAX_CHARS: Final = 20_000
"""Of a text; what comes after is not looked at."""
CHARS_PER_TOKEN: Final = 16
"""Ordinary text has fewer: what is past that many in a huge one is not even looked at."""

_LINK: Final = re.compile(r"(?:https?://|www\.|t\.co/)\S*")
_RETWEET: Final = re.compile(r"^\s*RT\s+@\w{1,30}:?\s*")
_MARK: Final = re.compile(r"(?<!\w)[$#@](?=[A-Za-z])")
_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f]+")


def normalise(text: str) -> str:
    """``text`` without links and retweet marks; cashtags, hashtags and handles lose their sign.

    >>> normalise("RT @wire: $ACME sinks 5% on #guidance &amp; debt  https://t.co/x1")
    'ACME sinks 5% on guidance & debt'
    """
    text = unescape(text[:MAX_CHARS])
    text = _LINK.sub(" ", _RETWEET.sub("", text))
    return _SPACE.sub(" ", _MARK.sub("", text)).strip()


def says_something(text: str) -> bool:
    """Whether there is more than blanks and control characters, such as NUL."""
    return any(one.isprintable() and not one.isspace() for one in text)
