"""Whether one model is better than another, or was lucky with these texts."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from nlp.evaluation.bootstrap import Interval, interval, resampled
from nlp.metrics import Labels, compute_metrics


@dataclass(frozen=True, slots=True)
class Difference:
    """Of the first model's figure less the second's, with its paired bootstrap interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class McNemar:
    """Rows that only one model has right, and how likely so uneven a split is by chance."""

    only_first: int
    only_second: int
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same rows."""

    first: str
    second: str
    accuracy: Difference
    macro_f1: Difference
    mcnemar: McNemar


def compare(
    answers: Labels, first: tuple[str, Labels], second: tuple[str, Labels], seed: int
) -> Comparison:
    """The models, each a name and its guesses, against each other."""
    (one, ours), (two, theirs) = first, second
    a, b = resampled(answers, [ours, theirs], seed)
    at, against = compute_metrics(answers, ours), compute_metrics(answers, theirs)
    if at is None or against is None:
        raise ValueError("nothing to compare the models by")
    return Comparison(
        one,
        two,
        Difference(at.accuracy - against.accuracy, interval(a.accuracy - b.accuracy)),
        Difference(at.macro_f1 - against.macro_f1, interval(a.macro_f1 - b.macro_f1)),
        mcnemar(answers, ours, theirs),
    )


def mcnemar(answers: Labels, first: Labels, second: Labels) -> McNemar:
    """McNemar's exact test: two-sided, binomial (McNemar 1947)."""
    ours, theirs = answers == first, answers == second
    only_first, only_second = int(np.sum(ours & ~theirs)), int(np.sum(theirs & ~ours))
    uneven = only_first + only_second
    p = float(binomtest(only_first, uneven).pvalue) if uneven else 1.0
    return McNemar(only_first, only_second, p)
