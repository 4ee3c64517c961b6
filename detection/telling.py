"""The few headlines that speak for an alert: the most negative ones since its onset."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

import orjson

from schemas.alert import Headline
from schemas.signal import Signal

MOST: Final = 5
BYTES: Final = 1_100
"""Bytes that the headlines of a subject may take, keys included, so that it stays under 2 KB."""
LONGEST_TEXT: Final = 200
"""Characters of a headline that are kept."""


class Telling(NamedTuple):
    """A headline kept for the next alert. ``published`` in Unix seconds."""

    rank: float
    key: str
    text: str
    published: float
    negative: float


def keep(kept: list[Telling], signal: Signal) -> list[Telling]:
    """Put the signal's headline among the kept ones if it is telling enough, most telling first."""
    rank = signal.negative * signal.relevance
    if len(kept) == MOST and rank <= kept[-1].rank:
        return kept
    text = _shown(signal.headline)
    others = [other for other in kept if other.text != text]
    new = Telling(rank, signal.key, text, signal.published.timestamp(), signal.negative)
    ranked = sorted((*others, new), key=lambda headline: (-headline.rank, headline.key))
    return list(_fitting(ranked[:MOST]))


def shown(kept: list[Telling]) -> tuple[Headline, ...]:
    """As an alert shows them."""
    return tuple(
        Headline(
            key=one.key,
            text=one.text,
            published=datetime.fromtimestamp(one.published, UTC),
            negative=one.negative,
        )
        for one in kept
    )


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
