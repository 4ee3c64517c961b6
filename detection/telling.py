"""The few headlines that speak for an alert: the most negative ones, recent before old."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from math import log2
from typing import Final

import orjson

from detection.rule import Rule
from detection.state import HEADLINE_BYTES, MOST_HEADLINES, Telling
from schemas.alert import Headline
from schemas.signal import Signal

LONGEST_TEXT: Final = 200
"""Characters of a headline that are kept."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_FAINTEST: Final = 0.3
"""Probability below which a headline tells nothing about negative news."""


def keep(rule: Rule, kept: tuple[Telling, ...], signal: Signal) -> tuple[Telling, ...]:
    """Put the signal's headline among the kept ones if it is telling enough, most telling first.

    Each half-life of age halves a headline's negative probability in the comparison. As all age
    alike, the logarithm of that plus the time of publication ranks them for good. A text that
    is already there is not repeated.
    """
    if signal.negative < _FAINTEST:
        return kept
    age = (signal.published - _EPOCH) / rule.recent_half_life
    rank = log2(signal.negative) + age
    if len(kept) == MOST_HEADLINES and rank <= kept[-1].rank:
        return kept
    text = _shown(signal.headline)
    others = [other for other in kept if other.text != text]
    new = Telling(rank, signal.key, text, signal.published, signal.negative)
    ranked = sorted((*others, new), key=lambda headline: (-headline.rank, headline.key))
    return tuple(_fitting(ranked[:MOST_HEADLINES]))


def recent(rule: Rule, kept: tuple[Telling, ...], now: datetime) -> tuple[Headline, ...]:
    """The kept headlines no older than six half-lives, as an alert shows them."""
    oldest = now - 6 * rule.recent_half_life
    return tuple(
        Headline(key=one.key, text=one.text, published=one.published, negative=one.negative)
        for one in kept
        if one.published >= oldest
    )


def _shown(headline: str) -> str:
    # Control characters have no business in an alert, and take six bytes each as JSON.
    text = headline[:LONGEST_TEXT]
    return text if text.isprintable() else re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def _fitting(headlines: list[Telling]) -> Iterator[Telling]:
    room = HEADLINE_BYTES
    for headline in headlines:
        size = len(orjson.dumps([headline.key, headline.text]))
        if size <= room:
            room -= size
            yield headline
