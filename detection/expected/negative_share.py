"""How much of a subject's news is usually negative.

Negative probabilities add up to a fractional number of negative stories. The usual share mixes the
subject's own with the market's; while the whole market is darker than usual, so is what is expected
of each subject.

>>> usual = NegativeShare()
>>> for _ in range(100):
...     usual.learn(2.0, 10.0, 1.0)
>>> round(usual.usual(0.4), 2), round(shifted(0.2, 1.0), 2)
(0.2, 0.4)
"""

from dataclasses import dataclass
from math import exp, log
from typing import Final

from detection.expected.volume_model import FADE

OWN: Final = 6.0
"""Stories that the market's share weighs against a subject's own."""
EXTREMES: Final = (0.03, 0.8)
"""Beyond which a share is taken for the same: news that is always dark can't become darker."""


@dataclass(slots=True)
class NegativeShare:
    """Forgetting sums of negative and of all stories."""

    negative: float = 0.0
    stories: float = 0.0

    def usual(self, market: float) -> float:
        """The usual share, shrunk towards the ``market``'s."""
        return (self.negative + OWN * market) / (self.stories + OWN)

    def learn(self, negative: float, stories: float, pace: float) -> None:
        """Count one bin."""
        fade = 1.0 - (1.0 - FADE) * pace
        self.negative = self.negative * fade + negative * pace
        self.stories = self.stories * fade + stories * pace

    def settle(self, share: float) -> None:
        """Take ``share`` for usual, if it is more than that."""
        self.negative = max(self.negative, share * self.stories)

    def rest(self, bins: int) -> None:
        """Let ``bins`` empty ones pass."""
        fade = FADE**bins
        self.negative *= fade
        self.stories *= fade


def divergence(seen: float, share: float) -> float:
    """Of Kullback and Leibler, between Bernoulli laws; nats for each story.

    >>> divergence(0.3, 0.3), round(divergence(0.6, 0.3), 2)
    (0.0, 0.19)
    """
    seen, usual = _kept(seen), _kept(share)
    return seen * log(seen / usual) + (1.0 - seen) * log((1.0 - seen) / (1.0 - usual))


def shifted(share: float, logit: float) -> float:
    """``share`` with its log odds moved by ``logit``."""
    odds = share / (1.0 - share) * exp(logit)
    return odds / (1.0 + odds)


def log_odds(share: float) -> float:
    """Log odds, of a share kept away from 0 and 1."""
    kept = _kept(share)
    return log(kept / (1.0 - kept))


def _kept(share: float) -> float:
    low, high = EXTREMES
    if low < share < high:
        return share
    return low if share <= low else high
