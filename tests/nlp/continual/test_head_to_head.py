"""Candidate and current model on the same texts."""

from collections.abc import Sequence

import pytest

from nlp.classifier import Scores
from nlp.continual.head_to_head import compare_models, count_answers
from nlp.continual.promotion import corrections_gained, decide
from nlp.continual.splits import Splits
from nlp.tasks import TASKS, TOPICS, Task
from nlp.training.examples import Example

pytestmark = pytest.mark.model


class Answering:
    """Calls every text an IPO, if it was trained on topics."""

    model_id = "answering"

    def __init__(self, *tasks: Task) -> None:
        self.tasks = tasks

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        topics = {"ipo": 1.0} if "topic" in self.tasks else {}
        return [Scores(0.0, 1.0, 0.0, topics) for _ in texts]


def test_a_task_that_only_the_candidate_learnt_is_a_gain() -> None:
    """A model of sentiments could never learn topics from corrections: the command would crash."""
    new = [Example(f"Acme lists {n}", {"topic": TOPICS.index("ipo")}) for n in range(6)]
    splits, answers = Splits([], [], new, []), list[int]()
    trials = compare_models(Answering(*TASKS), Answering("sentiment"), splits, answers.append)
    assert 0 < sum(answers) <= count_answers(splits)
    assert corrections_gained(trials) == 6
    assert decide(trials).promote
