"""The population stability index: how far a distribution has moved from a reference."""

from collections.abc import Mapping
from math import log

SMOOTHING = 0.5
"""Count that is added to each class, so that a class without articles has a share all the same."""


def stability_index(actual: Mapping[str, float], reference: Mapping[str, float]) -> float:
    """Return the population stability index of counts by class against those of a reference.

    It is the sum over all classes of ``(a - r) * ln(a / r)`` of the shares ``a`` and ``r``: N.
    Siddiqi, "Credit Risk Scorecards", Wiley 2006, chapter 8. By convention less than 0.1 is no
    change and more than 0.25 a large one. It is Jeffreys' divergence of the two, which is 0 for
    equal distributions and the same in both directions.

    Each class counts `SMOOTHING` more than it has. If nothing has changed, ``n`` articles against
    ``m`` in ``k`` classes give ``(k - 1) * (1 / n + 1 / m)`` on average (B. Yurdakul, J. Naranjo,
    "Statistical properties of the population stability index", Journal of Risk Model Validation
    2020), so a few hundred articles say little about twenty classes.

    Raises:
        ValueError: One of them has no articles.

    >>> round(stability_index({"a": 600, "b": 400}, {"a": 500, "b": 500}), 4)
    0.0405
    >>> stability_index({"a": 3, "b": 1}, {"a": 3, "b": 1})
    0.0
    """
    classes = sorted(actual.keys() | reference.keys())
    pairs = zip(_shares(actual, classes), _shares(reference, classes), strict=True)
    return sum(((a - r) * log(a / r) for a, r in pairs), start=0.0)


def _shares(counts: Mapping[str, float], classes: list[str]) -> list[float]:
    """Return the share of each class, smoothed.

    Raises:
        ValueError: There is nothing to share.
    """
    if not sum(counts.values()) > 0:
        raise ValueError("a distribution without articles has no shares")
    total = sum(counts.values()) + SMOOTHING * len(classes)
    return [(counts.get(name, 0) + SMOOTHING) / total for name in classes]
