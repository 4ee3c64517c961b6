"""Bootstrap intervals, and comparisons of two models."""

import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn.metrics import f1_score

from nlp.evaluation.bootstrap import SAMPLES, percentile_interval, resample
from nlp.evaluation.comparison import compare, mcnemar_test
from nlp.metrics import Labels

RANDOM = np.random.default_rng(3)
ANSWERS = RANDOM.integers(0, 3, 400)


def guess(share: float) -> Labels:
    """Return guesses that are right for ``share`` of the texts, and by chance for the rest."""
    is_right = RANDOM.random(len(ANSWERS)) < share
    return np.where(is_right, ANSWERS, RANDOM.integers(0, 3, len(ANSWERS)))


GOOD, BAD = guess(0.8), guess(0.6)


def macro_f1(answers: Labels, guesses: Labels) -> float:
    """Return macro F1 as scikit-learn computes it."""
    return float(f1_score(answers, guesses, average="macro"))


def test_intervals_are_those_of_drawing_rows() -> None:
    """Drawing counts instead of rows would be fast and wrong."""
    (draws,) = resample(ANSWERS, [GOOD], seed=1)
    scipy_result = bootstrap(
        (ANSWERS, GOOD), macro_f1, paired=True, vectorized=False, n_resamples=SAMPLES // 2,
        method="percentile", rng=np.random.default_rng(5),
    )  # fmt: skip
    interval = percentile_interval(draws.macro_f1)
    assert interval.low == pytest.approx(scipy_result.confidence_interval.low, abs=0.006)
    assert interval.high == pytest.approx(scipy_result.confidence_interval.high, abs=0.006)
    assert float(draws.accuracy.mean()) == pytest.approx(np.mean(ANSWERS == GOOD), abs=0.003)


def test_the_same_seed_gives_the_same_intervals() -> None:
    """A figure in a report could not be reproduced."""
    first, again = (compare(ANSWERS, ("a", GOOD), ("b", BAD), seed=4) for _ in range(2))
    assert first == again
    assert first != compare(ANSWERS, ("a", GOOD), ("b", BAD), seed=5)


def test_samples_are_paired() -> None:
    """Two models that err on the same texts would seem to differ by luck."""
    close = GOOD.copy()
    close[:4] = (ANSWERS[:4] + 1) % 3
    comparison = compare(ANSWERS, ("a", GOOD), ("b", close), seed=1)
    paired = comparison.accuracy.interval
    (draws,) = resample(ANSWERS, [GOOD], seed=1)
    single = percentile_interval(draws.accuracy)
    assert paired.high - paired.low < (single.high - single.low) / 2
    assert comparison.accuracy.value == pytest.approx(
        np.mean(ANSWERS == GOOD) - np.mean(close == ANSWERS)
    )


def test_a_model_does_not_differ_from_itself() -> None:
    """Every comparison would find a difference."""
    comparison = compare(ANSWERS, ("a", GOOD), ("a", GOOD), seed=1)
    assert (comparison.accuracy.value, comparison.macro_f1.value) == (0.0, 0.0)
    interval = comparison.accuracy.interval
    assert (interval.low, interval.high) == (0.0, 0.0)
    assert comparison.mcnemar.p == 1.0


def test_a_better_model_is_recognised() -> None:
    """A model worth having would not be promoted."""
    comparison = compare(ANSWERS, ("good", GOOD), ("bad", BAD), seed=1)
    assert comparison.accuracy.interval.low > 0
    assert comparison.macro_f1.interval.low > 0
    assert comparison.mcnemar.p < 0.01


def test_mcnemar_is_exact() -> None:
    """The chi-squared approximation says 0.021 here, and would call a tie a victory too often."""
    answers = np.zeros(20, dtype=np.int64)
    first, second = answers.copy(), answers.copy()
    first[:2], second[2:12] = 1, 1
    result = mcnemar_test(answers, first, second)
    assert (result.only_first, result.only_second) == (10, 2)
    assert result.p == pytest.approx(2 * (1 + 12 + 66) / 2**12)


def test_a_class_that_a_sample_lacks_is_no_failure() -> None:
    """The rarest topic, of which there is one text, would make the interval NaN."""
    answers = np.array([0, 1, 1, 1, 1, 1])
    (draws,) = resample(answers, [answers], seed=1)
    assert np.all(draws.macro_f1 == 1.0)
