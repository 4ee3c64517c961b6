"""Comparison of two models: whether one is better, or was lucky with these texts."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from nlp.evaluation.bootstrap import Interval, percentile_interval, resample
from nlp.metrics import Labels, compute_metrics


@dataclass(frozen=True, slots=True)
class Difference:
    """The first model's metric less the second's, with its paired bootstrap interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class McNemar:
    """Texts that only one model has right, and how likely so uneven a split is by chance."""

    only_first: int
    only_second: int
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same texts; the names are keys of ``evaluate --json``."""

    first: str
    second: str
    accuracy: Difference
    macro_f1: Difference
    mcnemar: McNemar


def compare(
    answers: Labels, first: tuple[str, Labels], second: tuple[str, Labels], seed: int
) -> Comparison:
    """Return the comparison of two models, each given by name and guesses.

    Raises:
        ValueError: there is no text.
    """
    first_name, first_guesses = first
    second_name, second_guesses = second
    first_metrics = compute_metrics(answers, first_guesses)
    second_metrics = compute_metrics(answers, second_guesses)
    if first_metrics is None or second_metrics is None:
        raise ValueError("there is no text to compare the models by")

    first_draws, second_draws = resample(answers, [first_guesses, second_guesses], seed)
    return Comparison(
        first_name,
        second_name,
        accuracy=Difference(
            first_metrics.accuracy - second_metrics.accuracy,
            percentile_interval(first_draws.accuracy - second_draws.accuracy),
        ),
        macro_f1=Difference(
            first_metrics.macro_f1 - second_metrics.macro_f1,
            percentile_interval(first_draws.macro_f1 - second_draws.macro_f1),
        ),
        mcnemar=mcnemar_test(answers, first_guesses, second_guesses),
    )


def mcnemar_test(answers: Labels, first: Labels, second: Labels) -> McNemar:
    """Return McNemar's exact test: two-sided, binomial (McNemar 1947)."""
    first_right, second_right = answers == first, answers == second
    only_first = int(np.sum(first_right & ~second_right))
    only_second = int(np.sum(second_right & ~first_right))
    discordant = only_first + only_second
    p = float(binomtest(only_first, discordant).pvalue) if discordant else 1.0
    return McNemar(only_first, only_second, p)
