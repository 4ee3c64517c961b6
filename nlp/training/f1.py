"""The score that an epoch is chosen by."""

from collections import Counter
from collections.abc import Sequence


def macro_f1(found: Sequence[int], labels: Sequence[int]) -> float:
    """Mean over the labels' classes of F1.

    >>> macro_f1([0, 0, 1, 1], [0, 1, 1, 1])
    0.7333333333333334
    """
    hits = Counter(a for a, b in zip(found, labels, strict=True) if a == b)
    guessed, there = Counter(found), Counter(labels)
    return sum(2 * hits[of] / (guessed[of] + there[of]) for of in there) / len(there)
