"""How much of a subject's news is usually negative, and what a bin says about it.

Negative probabilities add up to a fractional number of negative stories, which is Beta-binomial:
stories of one hour tell of one event, so they do not speak independently. The usual share mixes
the subject's own with the market's; while the whole market is darker than usual, so is what is
expected of each subject.

>>> usual = Share()
>>> for _ in range(100):
...     usual.learn(2.0, 10.0, 1.0)
>>> round(usual.usual(0.4), 2), round(shifted(0.2, 1.0), 2)
(0.2, 0.4)
>>> dark, calm = surprise(9.0, 10.0, 0.2), surprise(2.0, 10.0, 0.2)
>>> dark > 2 > 0 > calm
True
"""

from dataclasses import dataclass
from math import exp, log
from typing import Final

from detection.volume import FADE

DARKER: Final = 3.0
"""Factor of the odds of negative news that a surge is tested for."""
OWN: Final = 6.0
"""Stories that the market's share weighs against a subject's own."""
CONCENTRATION: Final = 8.0
"""Of the Beta distribution of the share from one bin to the next."""
EXTREMES: Final = (0.03, 0.8)


@dataclass(slots=True)
class Share:
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

    def rest(self, bins: int) -> None:
        """Let ``bins`` empty ones pass."""
        fade = FADE**bins
        self.negative *= fade
        self.stories *= fade


def surprise(negative: float, stories: float, share: float) -> float:
    """Log likelihood ratio of odds `DARKER` times those of ``share``, against ``share``.

    Binomial, of as many independent stories as the Beta-binomial's variance is worth. With
    fractional numbers of negative stories the Beta-binomial's own likelihood is no probability: at
    a share just as expected it can speak for a darker one, this one never does.
    """
    low, high = EXTREMES
    if share >= high:
        # News that is always dark can't become darker.
        return 0.0
    usual = max(share, low)
    # The Beta-binomial's variance is that of so many stories which speak for themselves.
    single = stories * (CONCENTRATION + 1.0) / (CONCENTRATION + max(stories, 1.0))
    seen = negative / stories
    return single * (seen * log(DARKER) - log(1.0 - usual + DARKER * usual))


def shifted(share: float, logit: float) -> float:
    """``share`` with its log odds moved by ``logit``."""
    odds = share / (1.0 - share) * exp(logit)
    return odds / (1.0 + odds)


def log_odds(share: float) -> float:
    """Log odds, of a share kept away from 0 and 1."""
    low, high = EXTREMES
    kept = min(max(share, low), high)
    return log(kept / (1.0 - kept))
