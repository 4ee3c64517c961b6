"""The few headlines that speak for an alert: the most negative ones since its onset."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from math import log2
from typing import Final, NamedTuple

import orjson

from detection.stories.simhash import same
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


class RankedHeadline(NamedTuple):
    """A headline kept for an alert. ``published`` in Unix seconds, ``story`` a fingerprint."""

    rank: float
    key: str
    text: str
    published: float
    negative: float
    story: int = 0

    def repeats(self, other: "RankedHeadline") -> bool:
        """Whether it tells the other's story."""
        return other.text == self.text or same(other.story, self.story)


def keep(kept: list[RankedHeadline], signal: Signal, number: int) -> list[RankedHeadline]:
    """Put the headline of a signal in the bin ``number`` among the kept ones, most telling first.

    Each `HALF_LIFE` of age halves a headline's weight in the comparison. As all age alike, the
    logarithm of that plus the time ranks them for good. Of those that tell the same story, the
    one that ranks highest is kept.
    """
    rank = log2(max(signal.negative * signal.relevance, FAINTEST)) + number / HALF_LIFE
    if len(kept) == MOST and rank <= kept[-1].rank:
        return kept
    published, text = signal.published.timestamp(), _shown(signal.headline)
    new = RankedHeadline(rank, signal.key, text, published, signal.negative, signal.story)
    for place, other in enumerate(kept):
        if new.repeats(other):
            better = [new] if _order(new) < _order(other) else [other]
            return _fitting(sorted(kept[:place] + better + kept[place + 1 :], key=_order))
    return _fitting(sorted([*kept, new], key=_order)[:MOST])


def most_telling(kept: Iterable[list[RankedHeadline]]) -> list[RankedHeadline]:
    """The `MOST` that rank highest of several subjects', each story once."""
    found: list[RankedHeadline] = []
    for one in sorted((it for of in kept for it in of), key=_order):
        if len(found) < MOST and not any(map(one.repeats, found)):
            found.append(one)
    return found


def shown(kept: list[RankedHeadline], since: datetime) -> tuple[Headline, ...]:
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


def _order(one: RankedHeadline) -> tuple[float, str]:
    return -one.rank, one.key


def _shown(headline: str) -> str:
    # Control characters have no business in an alert, and take six bytes each as JSON.
    text = headline[:LONGEST_TEXT]
    return text if text.isprintable() else re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def _fitting(headlines: list[RankedHeadline]) -> list[RankedHeadline]:
    """Those that have room, first come first served."""
    if len(_written(headlines)) <= BYTES:
        return headlines
    fitting: list[RankedHeadline] = []
    for headline in headlines:
        if len(_written([*fitting, headline])) <= BYTES:
            fitting.append(headline)
    return fitting


def _written(headlines: list[RankedHeadline]) -> bytes:
    return orjson.dumps([[it.key, it.text] for it in headlines])
