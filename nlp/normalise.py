"""Remove the artefacts of a medium, such as links, from a text before a model reads it."""

import re
from html import unescape
from typing import Final

MAX_CHARS: Final = 20_000
"""Characters of a text that are read; the rest is cut off."""
CHARS_PER_TOKEN: Final = 16
"""Upper bound for ordinary text. A huge text is cut after this many characters for each token that
the model reads, before any work is done on it."""

_LINK: Final = re.compile(r"(?:https?://|www\.|t\.co/)\S*")
_RETWEET: Final = re.compile(r"^\s*RT\s+@\w{1,30}:?\s*")
_MARK: Final = re.compile(r"(?<!\w)[$#@](?=[A-Za-z])")
_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f]+")


def normalise(text: str) -> str:
    """Remove links, retweet marks and the signs before cashtags, hashtags and handles.

    >>> normalise("RT @wire: $ACME sinks 5% on #guidance &amp; debt  https://t.co/x1")
    'ACME sinks 5% on guidance & debt'
    """
    text = unescape(text[:MAX_CHARS])
    text = _LINK.sub(" ", _RETWEET.sub("", text))
    text = _MARK.sub("", text) if any(mark in text for mark in "$#@") else text
    if text.isprintable():  # so that its only white space is blanks; four times as fast
        return " ".join(text.split())
    return _SPACE.sub(" ", text).strip()


def says_something(text: str) -> bool:
    """Return whether a text has more than blanks and control characters, such as NUL."""
    return any(character.isprintable() and not character.isspace() for character in text)
