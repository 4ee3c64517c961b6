"""Adjustment of a subject's expectation for a move of the whole market.

While the other subjects have twice their normal negative news, twice as much is expected of each
subject, so that one bad day everywhere does not alert on everybody. The others are those of
`detection.expected.trimmed_market`. In a small market the factor stays close to 1:
`MARKET_PRIOR_WEIGHT` stories of a normal market are mixed in.

>>> window = DecayedWindow(4.0, 2.0, baseline=2.0, baseline_negative=0.6, chance=0.3)
>>> calm = DecayedWindow(98.0, 29.0, baseline=100.0, baseline_negative=30.0, chance=14.7)
>>> wild = DecayedWindow(200.0, 120.0, baseline=100.0, baseline_negative=30.0, chance=14.7)
>>> [round(adjust_for_market(window, others).expected, 1) for others in (calm, wild)]
[0.6, 2.0]
>>> [round(adjust_for_market(window, others).share, 2) for others in (calm, wild)]
[0.3, 0.52]
"""

from math import log
from typing import Final, NamedTuple

from detection.evidence.decayed_window import DecayedWindow
from detection.expected.negative_share import clamp, shift_log_odds

MARKET_PRIOR_WEIGHT: Final = 20.0
"""Stories of a normal market that are mixed into the observed one."""
MARKET_NOISE: Final = 0.2
"""Market factors below 1 + 0.2, and log-odds shifts below 0.2, are treated as noise."""
NO_MARKET: Final = DecayedWindow()
"""The others of a subject that is compared with its own past alone."""


class AdjustedWindow(NamedTuple):
    """A subject's window with its expectation adjusted for the market.

    Attributes:
        volume: observed volume.
        negative: observed negative volume.
        expected: expected negative volume.
        chance: the part of the negative volume's variance that is due to chance.
        share: expected negative share.
        baseline_share: negative share that is expected in a normal market.
    """

    volume: float
    negative: float
    expected: float
    chance: float
    share: float
    baseline_share: float


def adjust_for_market(window: DecayedWindow, others: DecayedWindow) -> AdjustedWindow:
    """Return a subject's window with its expectation adjusted for that of the other subjects.

    The factor of the expectation and the shift of the share's log odds are those by which the
    other subjects exceed their baseline, after subtracting the noise.
    """
    share = window.baseline_negative / window.baseline if window.baseline else 0.0
    factor, adjusted_share = 1.0, share
    others_share = others.baseline_negative / others.baseline if others.baseline else 0.0
    if others_share > 0.0:
        prior = MARKET_PRIOR_WEIGHT * others_share
        factor = (others.negative + prior) / (others.baseline_negative + prior) - MARKET_NOISE
        factor = max(1.0, factor)
        shift = log_odds_shift(others.negative, others.volume, others_share) - MARKET_NOISE
        if shift > 0.0:
            adjusted_share = shift_log_odds(share, shift)

    return AdjustedWindow(
        volume=window.volume,
        negative=window.negative,
        expected=window.baseline_negative * factor,
        chance=window.chance * factor,
        share=adjusted_share,
        baseline_share=share,
    )


def log_odds_shift(negative: float, volume: float, share: float) -> float:
    """Return by how much the log odds of negative news exceed those of ``share``, at least 0.

    >>> log_odds_shift(3.0, 10.0, 0.3), round(log_odds_shift(60.0, 100.0, 0.3), 1)
    (0.0, 1.0)
    """
    observed = (negative + MARKET_PRIOR_WEIGHT * share) / (volume + MARKET_PRIOR_WEIGHT)
    if observed <= share:
        return 0.0
    observed, share = clamp(observed), clamp(share)
    return log(observed / (1.0 - observed)) - log(share / (1.0 - share))
