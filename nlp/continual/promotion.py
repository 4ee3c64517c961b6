"""Whether a candidate takes the place of the current model.

The rule. Both models answer the same held-out corrections (``new``) and the same old validation
texts (``old``). For each of these sets and each task that it has labels of, the difference
candidate - current in accuracy and in macro F1 has a 95 % interval from a paired bootstrap: both
models' figures on the same 2 000 resamples of the texts, 2.5 % left at each end
(`nlp.evaluation.bootstrap`). The candidate is promoted if and only if

1. nothing got worse beyond its interval: no difference is below zero with an interval that ends
   below zero too; and
2. the new got better: over all tasks it has more of the held-out corrections right than the
   current model has.

A difference whose interval holds zero may be chance, and neither stands in the way nor helps; so
the more old texts there are, the smaller a loss is found. Two percentage points of accuracy take
about a thousand.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from nlp.evaluation.comparison import Comparison, Difference
from nlp.metrics import Metrics
from nlp.tasks import Task

Which = Literal["new", "old"]


class Trial(NamedTuple):
    """The candidate, first, against the current model, second, on one set of texts."""

    which: Which
    task: Task
    candidate: Metrics
    current: Metrics
    comparison: Comparison


class Decision(NamedTuple):
    """Whether to promote; ``reasons`` are what stands against it, or what speaks for it."""

    promote: bool
    reasons: list[str]


def decide(trials: Sequence[Trial]) -> Decision:
    """By the rule above."""
    against = [
        f"{trial.which} {trial.task} {figure} got worse: {told(difference)}"
        for trial in trials
        for figure, difference in figures(trial)
        if worse(difference)
    ]
    gained = gain(trials)
    if gained <= 0:
        against.append(f"it is no better on the held-out corrections: {gained:+d} right")
    return Decision(not against, against or [f"{gained:+d} right of the held-out corrections"])


def worse(difference: Difference) -> bool:
    """Whether it got worse beyond its interval: chance does not explain it."""
    return difference.value < 0.0 and difference.interval.high < 0.0


def gain(trials: Sequence[Trial]) -> int:
    """How many more of the new texts' labels the candidate has right, over all tasks."""
    new = [trial.comparison.mcnemar for trial in trials if trial.which == "new"]
    return sum(it.only_first - it.only_second for it in new)


def figures(trial: Trial) -> list[tuple[str, Difference]]:
    """The differences that count."""
    return [("accuracy", trial.comparison.accuracy), ("macro F1", trial.comparison.macro_f1)]


def told(difference: Difference) -> str:
    """For people, in percentage points.

    >>> from nlp.evaluation.bootstrap import Interval
    >>> told(Difference(-0.031, Interval(-0.052, -0.011)))
    '-3.1 (-5.2 to -1.1)'
    """
    low, high = difference.interval.low, difference.interval.high
    return f"{100 * difference.value:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
