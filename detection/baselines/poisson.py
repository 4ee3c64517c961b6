"""The Poisson test: how unlikely a count is under the rate so far, if events were independent."""

from math import exp, lgamma, log, log10
from typing import Final

from detection.baselines.forgetting import Forgetting

_SMALLEST: Final = 1e-6
_NEGLIGIBLE: Final = 1e-9


class Poisson:
    """Alarmed by a count whose probability, or that of a larger one, is 10^-``threshold`` or less.

    The rate is that of the last ``memory`` bins, half an item added; nothing alarms before a
    quarter of them is there.

    >>> test = Poisson(threshold=3, memory=40)
    >>> [day for day, value in enumerate([2, 3, 2, 1] * 10 + [9, 9, 2]) if test.step(value)]
    [40, 41]
    """

    def __init__(self, threshold: float, memory: int) -> None:
        self._threshold = threshold
        self._warm = memory // 4
        self._past = Forgetting(memory)

    def step(self, value: float) -> bool:
        """Whether ``value``, rounded to a count, is alarming; then it belongs to the past."""
        seen = self._past.values
        rate = self._past.mean + 0.5 / max(seen, 1)
        alarming = seen >= self._warm and surprise(round(value), rate) >= self._threshold
        self._past.add(value)
        return alarming


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
