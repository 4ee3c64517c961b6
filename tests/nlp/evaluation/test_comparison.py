"""Intervals, and whether two models differ."""

import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn.metrics import f1_score

from nlp.evaluation.bootstrap import SAMPLES, percentile_interval, resample
from nlp.evaluation.comparison import compare, mcnemar_test
from nlp.metrics import Labels

DICE = np.random.default_rng(3)
ANSWERS = DICE.integers(0, 3, 400)


def guessed(share: float) -> Labels:
    """Guesses that are right for about ``share`` of the texts, and somewhat beyond."""
    return np.where(DICE.random(len(ANSWERS)) < share, ANSWERS, DICE.integers(0, 3, len(ANSWERS)))


GOOD, BAD = guessed(0.8), guessed(0.6)


def macro(answers: Labels, guesses: Labels) -> float:
    """Scikit-learn's."""
    return float(f1_score(answers, guesses, average="macro"))


def test_intervals_are_those_of_drawing_rows() -> None:
    """Drawing counts instead of rows would be fast and wrong."""
    (found,) = resample(ANSWERS, [GOOD], seed=1)
    theirs = bootstrap(
        (ANSWERS, GOOD), macro, paired=True, vectorized=False, n_resamples=SAMPLES // 2,
        method="percentile", rng=np.random.default_rng(5),
    )  # fmt: skip
    ours = percentile_interval(found.macro_f1)
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.006)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.006)
    assert float(found.accuracy.mean()) == pytest.approx(np.mean(ANSWERS == GOOD), abs=0.003)


def test_the_same_seed_gives_the_same_intervals() -> None:
    """A figure in a report could not be reproduced."""
    one, two = (compare(ANSWERS, ("a", GOOD), ("b", BAD), seed=4) for _ in range(2))
    assert one == two
    assert one != compare(ANSWERS, ("a", GOOD), ("b", BAD), seed=5)


def test_samples_are_paired() -> None:
    """Two models that err on the same texts would seem to differ by luck."""
    close = GOOD.copy()
    close[:4] = (ANSWERS[:4] + 1) % 3
    found = compare(ANSWERS, ("a", GOOD), ("b", close), seed=1)
    apart = found.accuracy.interval.high - found.accuracy.interval.low
    (alone,) = resample(ANSWERS, [GOOD], seed=1)
    single = percentile_interval(alone.accuracy)
    assert apart < (single.high - single.low) / 2
    assert found.accuracy.value == pytest.approx(
        np.mean(ANSWERS == GOOD) - np.mean(close == ANSWERS)
    )


def test_a_model_does_not_differ_from_itself() -> None:
    """Every comparison would find a difference."""
    found = compare(ANSWERS, ("a", GOOD), ("a", GOOD), seed=1)
    assert (found.accuracy.value, found.macro_f1.value) == (0.0, 0.0)
    assert (found.accuracy.interval.low, found.accuracy.interval.high) == (0.0, 0.0)
    assert found.mcnemar.p == 1.0


def test_a_better_model_is_told() -> None:
    """A model worth having would not be promoted."""
    found = compare(ANSWERS, ("good", GOOD), ("bad", BAD), seed=1)
    assert found.accuracy.interval.low > 0
    assert found.macro_f1.interval.low > 0
    assert found.mcnemar.p < 0.01


def test_mcnemar_is_exact() -> None:
    """The chi-squared approximation says 0.021 here, and would call a tie a victory too often."""
    answers = np.zeros(20, dtype=np.int64)
    first, second = answers.copy(), answers.copy()
    first[:2], second[2:12] = 1, 1
    found = mcnemar_test(answers, first, second)
    assert (found.only_first, found.only_second) == (10, 2)
    assert found.p == pytest.approx(2 * (1 + 12 + 66) / 2**12)


def test_a_class_that_a_sample_lacks_is_no_failure() -> None:
    """The rarest topic, of which there is one text, would make the interval NaN."""
    answers = np.array([0, 1, 1, 1, 1, 1])
    (found,) = resample(answers, [answers], seed=1)
    assert np.all(found.macro_f1 == 1.0)
