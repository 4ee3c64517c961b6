"""The Poisson test: how unlikely a count is under the rate so far, if events were independent."""

from math import exp, lgamma, log, log10
from typing import Final

from detection.reference_detectors.decayed_moments import Forgetting

_SMALLEST: Final = 1e-6
_NEGLIGIBLE: Final = 1e-9


class Poisson:
    """-log10 of the probability of a count or a larger one.

    The rate is that of the last ``memory`` bins, half an item added; nothing alarms before a
    quarter of them is there.

    >>> test = Poisson(memory=40)
    >>> [round(test.score(value), 1) for value in [2, 3, 2, 1] * 10 + [9, 9, 2]][-3:]
    [3.6, 3.3, 0.0]
    """

    def __init__(self, memory: int) -> None:
        self._warm = memory // 4
        self._past = Forgetting(memory)

    def score(self, value: float) -> float:
        """Of ``value``, rounded to a count, which then belongs to the past."""
        seen = self._past.values
        rate = self._past.mean + 0.5 / max(seen, 1)
        found = surprise(round(value), rate) if seen >= self._warm else 0.0
        self._past.add(value)
        return found


def surprise(count: int, rate: float) -> float:
    """-log10 of the probability of ``count`` or more; 0 for what is not above the rate.

    >>> round(surprise(5, 1.0), 4)  # 1 - CDF(4) = 0.00366
    2.4365
    """
    if count <= rate:
        return 0.0
    rate = max(rate, _SMALLEST)
    first = count * log(rate) - rate - lgamma(count + 1)
    total, term, k = 1.0, 1.0, count
    while term > _NEGLIGIBLE * total:
        k += 1
        term *= rate / k
        total += term
    return -(first / log(10)) - log10(total)


def tail(count: int, rate: float) -> float:
    """The probability itself.

    >>> round(tail(5, 1.0), 5)
    0.00366
    """
    return exp(-surprise(count, rate) * log(10))
