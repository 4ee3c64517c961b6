"""The rule by which a candidate is promoted."""

import numpy as np
import pytest

from nlp.continual.head_to_head import trial
from nlp.continual.promotion import TextSet, Trial, decide

ROWS = 400


def make_trial(text_set: TextSet, gained: int, lost: int, rows: int = ROWS) -> Trial:
    """Return a trial where the candidate gained and lost so many rows."""
    labels = np.arange(rows) % 3
    candidate, current = labels.copy(), labels.copy()
    current[:gained] = (labels[:gained] + 1) % 3
    candidate[gained : gained + lost] = (labels[gained : gained + lost] + 1) % 3
    return trial(text_set, "sentiment", labels, candidate, current)


@pytest.mark.parametrize(
    ("trials", "promoted"),
    [
        ([make_trial("new", 9, 0), make_trial("old", 0, 0)], True),
        ([make_trial("new", 9, 0), make_trial("old", 20, 24)], True),
        ([make_trial("new", 9, 0), make_trial("old", 0, 20)], False),
        ([make_trial("new", 0, 0), make_trial("old", 20, 0)], False),
        ([make_trial("new", 2, 9), make_trial("old", 20, 0)], False),
        ([make_trial("new", 9, 2), make_trial("old", 0, 1, rows=10)], True),
    ],
    ids=["better", "chance", "forgets", "no gain", "new worse", "too few to tell"],
)
def test_only_a_better_model_that_lost_nothing_is_promoted(
    trials: list[Trial], promoted: bool
) -> None:
    """Users would get a model that forgot old texts, or one that learnt nothing."""
    assert decide(trials).promote is promoted


def test_a_refusal_says_what_got_worse_and_by_how_much() -> None:
    """An operator could not tell whether to gather more corrections or more old rows."""
    decision = decide([make_trial("new", 9, 0), make_trial("old", 0, 20)])
    assert decision.reasons[0].startswith("old sentiment accuracy got worse: -5.0 (-7.")
    assert len(decision.reasons) == 2


def test_a_gain_in_one_task_makes_up_for_no_loss_in_another() -> None:
    """Users of topics would pay for better sentiments."""
    gains, loses = make_trial("new", 200, 0), make_trial("old", 0, 15)
    assert not decide([gains, loses._replace(task="topic")]).promote


def test_the_same_answers_give_the_same_decision() -> None:
    """An operator could repeat a decision until it comes out as desired."""
    trials = [make_trial("new", 9, 0), make_trial("old", 10, 24)]
    assert decide(trials) == decide([make_trial("new", 9, 0), make_trial("old", 10, 24)])
