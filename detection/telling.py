"""The few headlines that speak for an alert: the most negative ones since its onset."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import log2
from typing import Final, NamedTuple

import orjson

from schemas.alert import Headline
from schemas.signal import Signal

MOST: Final = 5
BYTES: Final = 700
"""Bytes that the headlines of a subject may take, keys included, so that it stays under 2 KB."""
LONGEST_TEXT: Final = 160
"""Characters of a headline that are kept."""
HALF_LIFE: Final = 18.0
"""Bins."""
FAINTEST: Final = 1e-6


class Telling(NamedTuple):
    """A headline kept for the next alert. ``published`` in Unix seconds."""

    rank: float
    key: str
    text: str
    published: float
    negative: float


def keep(kept: list[Telling], signal: Signal, number: int) -> list[Telling]:
    """Put the headline of a signal in the bin ``number`` among the kept ones, most telling first.

    Each `HALF_LIFE` of age halves a headline's weight in the comparison. As all age alike, the
    logarithm of that plus the time ranks them for good. A text that is already there is not
    repeated.
    """
    rank = log2(max(signal.negative * signal.relevance, FAINTEST)) + number / HALF_LIFE
    if len(kept) == MOST and rank <= kept[-1].rank:
        return kept
    text = _shown(signal.headline)
    others = [other for other in kept if other.text != text]
    new = Telling(rank, signal.key, text, signal.published.timestamp(), signal.negative)
    return list(_fitting(_ranked((*others, new))))


def most_telling(kept: Iterable[list[Telling]]) -> list[Telling]:
    """The `MOST` that rank highest of several subjects', each text once."""
    each = {it.text: it for of in kept for it in of}
    return _ranked(each.values())


def shown(kept: list[Telling], since: datetime) -> tuple[Headline, ...]:
    """Those published from ``since`` on, as an alert shows them."""
    return tuple(
        Headline(
            key=one.key,
            text=one.text,
            published=datetime.fromtimestamp(one.published, UTC),
            negative=one.negative,
        )
        for one in kept
        if one.published >= since.timestamp()
    )


def _ranked(found: Iterable[Telling]) -> list[Telling]:
    return sorted(found, key=lambda it: (-it.rank, it.key))[:MOST]


def _shown(headline: str) -> str:
    # Control characters have no business in an alert, and take six bytes each as JSON.
    text = headline[:LONGEST_TEXT]
    return text if text.isprintable() else re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def _fitting(headlines: list[Telling]) -> Iterator[Telling]:
    room = BYTES
    for headline in headlines:
        size = len(orjson.dumps([headline.key, headline.text]))
        if size <= room:
            room -= size
            yield headline
