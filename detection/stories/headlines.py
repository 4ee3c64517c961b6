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

MAX_SEVERITY: Final = 3.0
_SEVERITY_STEP: Final = 0.1
_SEVERITY_BITS: Final = 5
_BITS: Final = str.maketrans(" \t", "01")
_BLANKS: Final = str.maketrans("01", " \t")
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
        severity: How bad the news is, 0 to `MAX_SEVERITY`, to a tenth; None if the model does not
            say. It has no part in the rank.
    """

    rank: float
    key: str
    text: str
    published: float
    negative: float
    story: int = 0
    severity: float | None = None

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
    severity = signal.severity
    if severity is not None:
        severity = min(round(severity, 1), MAX_SEVERITY)
    new = RankedHeadline(
        rank,
        signal.key,
        text,
        signal.published.timestamp(),
        signal.negative,
        signal.story,
        severity,
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
            severity=headline.severity,
        )
        for headline in headlines
        if headline.published >= since.timestamp()
    )


def spell_severities(headlines: Iterable[RankedHeadline]) -> bytes:
    r"""Return the headlines' severities as blanks, five for each; nothing if no model says any.

    Earlier releases skip the blanks, so that workers of both can take partitions over from each
    other. Five bits count the tenths from 1 on; 0 is no severity.

    >>> mild = RankedHeadline(0.0, "k", "Acme dips", 0.0, 0.5, severity=0.2)
    >>> spell_severities([mild, mild._replace(severity=None)]), spell_severities([])
    (b'   \t\t     ', b'')
    """
    severities = [headline.severity for headline in headlines]
    if all(severity is None for severity in severities):
        return b""
    steps = [
        0 if severity is None else 1 + round(severity / _SEVERITY_STEP) for severity in severities
    ]
    bits = "".join(f"{step:0{_SEVERITY_BITS}b}" for step in steps)
    return bits.translate(_BLANKS).encode()


def read_severities(blanks: bytes) -> list[float | None]:
    r"""Return what `spell_severities` wrote.

    >>> read_severities(b"   \t\t     ")
    [0.2, None]
    """
    bits = blanks.decode().translate(_BITS)
    starts = range(0, len(bits), _SEVERITY_BITS)
    steps = [int(bits[start : start + _SEVERITY_BITS], 2) for start in starts]
    return [round((step - 1) * _SEVERITY_STEP, 1) if step else None for step in steps]


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
