"""A fingerprint of a headline, in which the same story told twice differs in few bits.

SimHash (M. Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002): each
word votes on 64 bits, and the angle between two headlines' words shows in how many bits agree.

>>> first = fingerprint("Lehman Brothers files for bankruptcy")
>>> first == fingerprint("UPDATE 2-Lehman Brothers files for bankruptcy")
True
>>> distance(first, fingerprint("Lehman Brothers files for bankruptcy protection")) <= NEAR
True
>>> distance(first, fingerprint("Lehman shares fall on report of asset sale")) <= NEAR
False
>>> fingerprint("")
0
"""

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final

NEAR: Final = 14
"""Bits in which two tellings of one story may differ. Those of unrelated headlines differ in 32
on average, with a standard deviation of 4."""

_WORD: Final = re.compile(r"[^\W_]+")
_LABEL: Final = re.compile(
    r"^(?:(?:UPDATE|WRAPUP|RPT|REFILE|CORRECTED|TEXT|SNAP|TABLE|FACTBOX|BRIEF|EXCLUSIVE|LIVE"
    r"|BREAKING)\b(?: \d+)?\s*[-:]\s*)+"
)
_LANES: Final = 64
_WIDTH: Final = 10
"""Bits of a lane, wide enough for the votes of `_MOST` words."""
_MOST: Final = 1000
_TOP: Final = 1 << _WIDTH - 1
"""The highest bit of a lane."""
_REST: Final = "0" * (_WIDTH - 1)
_EACH: Final = sum(1 << lane * _WIDTH for lane in range(_LANES))
"""1 in each lane."""


def fingerprint(headline: str) -> int:
    """64 bits, the same on every machine; 0 for a text without a word. O(words)."""
    words = _WORD.findall(_LABEL.sub("", headline).casefold())[:_MOST]
    if not words:
        return 0
    # Lifted by so much, a lane of more than half the votes reaches its highest bit.
    lifted = sum(map(_spread, words)) + (_TOP - 1 - len(words) // 2) * _EACH
    return int(f"{lifted:0{_LANES * _WIDTH}b}"[::_WIDTH], 2) or 1


def same(first: int, second: int) -> bool:
    """Whether two fingerprints are those of one story; 0 is that of none."""
    return bool(first and second) and distance(first, second) <= NEAR


def distance(first: int, second: int) -> int:
    """The number of bits in which two fingerprints differ."""
    return (first ^ second).bit_count()


@lru_cache(maxsize=1 << 16)
def _spread(word: str) -> int:
    digest = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")
    return int(_REST.join(f"{digest:0{_LANES}b}"), 2)
