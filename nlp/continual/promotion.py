"""Decide whether a candidate replaces the current model.

Both models answer the same held-out corrections (``new``) and the same old test texts (``old``).
For each of these sets and each task that it has labels of, the difference candidate - current in
accuracy and in macro F1 has a 95 % interval from a paired bootstrap: both models' figures on the
same 2 000 resamples of the texts, with 2.5 % cut off at each end (`nlp.evaluation.bootstrap`). The
candidate is promoted if and only if

1. nothing got significantly worse: no difference is negative with an interval that lies entirely
   below zero; and
2. the new texts got better: over all tasks the candidate answers more of the held-out corrections
   correctly than the current model does.

A difference whose interval contains zero may be chance, so it neither prevents a promotion nor
helps one. The more old texts there are, the smaller a loss is detected: for two percentage points
of accuracy about a thousand are needed.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from nlp.evaluation.comparison import Comparison, Difference
from nlp.metrics import Metrics
from nlp.tasks import Task

TextSet = Literal["new", "old"]
"""Held-out corrections, or old test texts."""


class Trial(NamedTuple):
    """The candidate against the current model on one set of texts.

    Attributes:
        text_set: names the texts.
        task: of their labels.
        candidate: metrics of the candidate.
        current: metrics of the current model.
        comparison: candidate - current.
    """

    text_set: TextSet
    task: Task
    candidate: Metrics
    current: Metrics
    comparison: Comparison


class Decision(NamedTuple):
    """A decision about a candidate.

    Attributes:
        promote: whether it becomes the current model.
        reasons: for the decision; at least one.
    """

    promote: bool
    reasons: list[str]


def decide(trials: Sequence[Trial]) -> Decision:
    """Return the decision by the rule in this module's docstring."""
    objections = [
        f"{trial.text_set} {trial.task} {figure} got worse: {format_difference(difference)}"
        for trial in trials
        for figure, difference in deciding_differences(trial)
        if is_worse(difference)
    ]
    gain = corrections_gained(trials)
    if gain <= 0:
        objections.append(f"it is no better on the held-out corrections: {gain:+d} correct")
    return Decision(
        not objections, objections or [f"{gain:+d} correct of the held-out corrections"]
    )


def is_worse(difference: Difference) -> bool:
    """Return whether a figure fell by more than chance explains."""
    return difference.value < 0.0 and difference.interval.high < 0.0


def corrections_gained(trials: Sequence[Trial]) -> int:
    """Return how many more held-out corrections the candidate answers correctly, over all tasks."""
    tests = [trial.comparison.mcnemar for trial in trials if trial.text_set == "new"]
    return sum(test.only_first - test.only_second for test in tests)


def deciding_differences(trial: Trial) -> list[tuple[str, Difference]]:
    """Return the differences that the rule looks at, and their names."""
    return [("accuracy", trial.comparison.accuracy), ("macro F1", trial.comparison.macro_f1)]


def format_difference(difference: Difference) -> str:
    """Return a difference and its interval in percentage points.

    >>> from nlp.evaluation.bootstrap import Interval
    >>> format_difference(Difference(-0.031, Interval(-0.052, -0.011)))
    '-3.1 (-5.2 to -1.1)'
    """
    low, high = difference.interval.low, difference.interval.high
    return f"{100 * difference.value:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
