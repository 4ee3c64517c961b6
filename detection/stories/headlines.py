"""Headlines shown with an alert: the most negative ones since its onset."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain
from math import log2
from typing import Final, NamedTuple

import orjson

from detection.stories.simhash import is_same_story
from schemas.alert import Headline
from schemas.signal import Signal

MAX_HEADLINES: Final = 5
MAX_BYTES: Final = 700
"""Upper bound of the JSON of a subject's headlines and keys, so that its state stays below 2 KB."""
MAX_TEXT_CHARACTERS: Final = 160
HALF_LIFE_BINS: Final = 18.0
"""Age at which a headline counts half as much as a new one."""
MIN_WEIGHT: Final = 1e-6
"""Lower bound of a headline's weight, so that its logarithm is finite."""

_CONTROL_CHARACTERS: Final = re.compile(r"[\x00-\x1f\x7f]+")


class RankedHeadline(NamedTuple):
    """A headline that may be shown with an alert.

    Attributes:
        rank: Base-2 logarithm of the weight, plus the time in half-lives; higher is better.
        key: Idempotency key of the article.
        text: The headline, cut to `MAX_TEXT_CHARACTERS`.
        published: Publication time, Unix seconds.
        negative: Probability that the headline is negative, 0 to 1.
        story: Fingerprint (`detection.stories.simhash`), or 0.
    """

    rank: float
    key: str
    text: str
    published: float
    negative: float
    story: int = 0

    def is_same_story(self, other: "RankedHeadline") -> bool:
        """Return whether both headlines report one story."""
        return other.text == self.text or is_same_story(other.story, self.story)


def insert(headlines: list[RankedHeadline], signal: Signal, number: int) -> list[RankedHeadline]:
    """Return ``headlines`` and the headline of ``signal`` from bin ``number``, best rank first.

    The weight of a headline is its negative probability times its relevance, and halves every
    `HALF_LIFE_BINS`. All headlines age alike, so the logarithm of the initial weight plus the time
    orders them for ever. Only the best headline of each story stays, at most `MAX_HEADLINES` and
    `MAX_BYTES` in all.
    """
    weight = max(signal.negative * signal.relevance, MIN_WEIGHT)
    rank = log2(weight) + number / HALF_LIFE_BINS
    if len(headlines) == MAX_HEADLINES and rank <= headlines[-1].rank:
        return headlines

    text = signal.headline[:MAX_TEXT_CHARACTERS]
    if not text.isprintable():
        # A control character takes six bytes as JSON.
        text = _CONTROL_CHARACTERS.sub(" ", text)
    new = RankedHeadline(
        rank, signal.key, text, signal.published.timestamp(), signal.negative, signal.story
    )

    candidates = [*headlines, new]
    for index, headline in enumerate(headlines):
        if new.is_same_story(headline):
            best = min(headline, new, key=_best_first)
            candidates = [*headlines[:index], best, *headlines[index + 1 :]]
            break

    return _limit_bytes(sorted(candidates, key=_best_first)[:MAX_HEADLINES])


def top(headlines_by_subject: Iterable[list[RankedHeadline]]) -> list[RankedHeadline]:
    """Return the `MAX_HEADLINES` best headlines of several subjects, each story once."""
    best: list[RankedHeadline] = []
    for headline in sorted(chain.from_iterable(headlines_by_subject), key=_best_first):
        if len(best) < MAX_HEADLINES and not any(map(headline.is_same_story, best)):
            best.append(headline)
    return best


def as_headlines(headlines: list[RankedHeadline], since: datetime) -> tuple[Headline, ...]:
    """Convert the headlines published at or after ``since`` for an alert, in the same order."""
    return tuple(
        Headline(
            key=headline.key,
            text=headline.text,
            published=datetime.fromtimestamp(headline.published, UTC),
            negative=headline.negative,
        )
        for headline in headlines
        if headline.published >= since.timestamp()
    )


def _best_first(headline: RankedHeadline) -> tuple[float, str]:
    """Return the sort key: the highest rank first, then the key."""
    return -headline.rank, headline.key


def _limit_bytes(headlines: list[RankedHeadline]) -> list[RankedHeadline]:
    """Return the headlines that fit into `MAX_BYTES` of JSON; better ones take precedence."""
    fitting: list[RankedHeadline] = []
    size = len(b"[")
    for headline in headlines:
        added = len(orjson.dumps([headline.key, headline.text])) + len(b",")
        if size + added <= MAX_BYTES:
            fitting.append(headline)
            size += added
    return fitting
