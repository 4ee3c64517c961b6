"""The rule that promotes."""

import numpy as np
import pytest

from nlp.continual.head_to_head import trial
from nlp.continual.promotion import Trial, Which, decide

ROWS = 400


def asked(which: Which, gained: int, lost: int, rows: int = ROWS) -> Trial:
    """A trial in which the candidate has ``gained`` more rows right and ``lost`` others wrong."""
    answers = np.arange(rows) % 3
    candidate, current = answers.copy(), answers.copy()
    current[:gained] = (answers[:gained] + 1) % 3
    candidate[gained : gained + lost] = (answers[gained : gained + lost] + 1) % 3
    return trial(which, "sentiment", answers, candidate, current)


@pytest.mark.parametrize(
    ("found", "promoted"),
    [
        ([asked("new", 9, 0), asked("old", 0, 0)], True),
        ([asked("new", 9, 0), asked("old", 20, 24)], True),
        ([asked("new", 9, 0), asked("old", 0, 20)], False),
        ([asked("new", 0, 0), asked("old", 20, 0)], False),
        ([asked("new", 2, 9), asked("old", 20, 0)], False),
        ([asked("new", 9, 2), asked("old", 0, 1, rows=10)], True),
    ],
    ids=["better", "chance", "forgets", "no gain", "new worse", "too few to tell"],
)
def test_only_a_better_model_that_lost_nothing_is_promoted(
    found: list[Trial], promoted: bool
) -> None:
    """Users would get a model that forgot what it knew, or one that learnt nothing."""
    assert decide(found).promote is promoted


def test_a_refusal_says_what_got_worse_and_by_how_much() -> None:
    """An operator could not tell whether to gather more corrections or more old rows."""
    decision = decide([asked("new", 9, 0), asked("old", 0, 20)])
    assert decision.reasons[0].startswith("old sentiment accuracy got worse: -5.0 (-7.")
    assert len(decision.reasons) == 2


def test_a_task_that_was_corrected_pays_for_no_other() -> None:
    """Gains in one set would be set off against losses in another, which other users feel."""
    gains, loses = asked("new", 200, 0), asked("old", 0, 15)
    assert not decide([gains, loses._replace(task="topic")]).promote


def test_the_same_answers_give_the_same_decision() -> None:
    """A decision could be repeated until it came out as wished."""
    found = [asked("new", 9, 0), asked("old", 10, 24)]
    assert decide(found) == decide([asked("new", 9, 0), asked("old", 10, 24)])
