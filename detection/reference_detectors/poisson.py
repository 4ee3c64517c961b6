"""Poisson test: the probability of a count, if events came independently at the rate so far."""

from math import lgamma, log, log10
from typing import Final

from detection.reference_detectors.decayed_moments import DecayedMoments

_MIN_RATE: Final = 1e-6
_NEGLIGIBLE: Final = 1e-9


class Poisson:
    """Detector whose score is -log10 of the probability of a count or a larger one.

    The rate is the mean of the last ``memory`` bins, with half an item added to their sum. The
    score is 0 until a quarter of them is known.

    >>> test = Poisson(memory=40)
    >>> [round(test.score(value), 1) for value in [2, 3, 2, 1] * 10 + [9, 9, 2]][-3:]
    [3.6, 3.3, 0.0]
    """

    def __init__(self, memory: int) -> None:
        self._min_values = memory // 4
        self._past = DecayedMoments(memory)

    def score(self, value: float) -> float:
        """Return the score of ``value``, rounded to a count; later scores count it as past."""
        count = self._past.values
        rate = self._past.mean + 0.5 / max(count, 1)
        score = tail_surprisal(round(value), rate) if count >= self._min_values else 0.0
        self._past.add(value)
        return score


def tail_surprisal(count: int, rate: float) -> float:
    """Return -log10 of the probability of ``count`` or more; 0 if it is not above the rate.

    >>> round(tail_surprisal(5, 1.0), 4)  # 1 - CDF(4) = 0.00366
    2.4365
    """
    if count <= rate:
        return 0.0
    rate = max(rate, _MIN_RATE)
    log_probability = count * log(rate) - rate - lgamma(count + 1)

    # Sum of the probabilities of all larger counts, relative to that of ``count``.
    total, term, larger = 1.0, 1.0, count
    while term > _NEGLIGIBLE * total:
        larger += 1
        term *= rate / larger
        total += term
    return -(log_probability / log(10)) - log10(total)
