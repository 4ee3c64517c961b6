"""What a model is chosen and calibrated by."""

from collections import Counter

import pytest

from nlp.labelled_rows import Row
from nlp.tasks import Task
from nlp.training.examples import as_they_come, examples, split

pytestmark = pytest.mark.model

ONCE = [Row(f"Acme wins order number {n}", n % 3) for n in range(400)]
OFTEN = [
    Row(f"https://t.co/{n}x{copy} Acme at {n}", n % 3) for n in range(100) for copy in range(3)
]
ROWS: dict[Task, list[Row]] = {"sentiment": ONCE + OFTEN}
SHARE = 0.2


def test_as_many_of_the_held_out_texts_were_learnt_as_of_those_to_come() -> None:
    """Scores would be too low for a feed that repeats itself, as all feeds do."""
    learnt, held_out = split(examples(ROWS), SHARE, 0)
    found = as_they_come(ROWS, learnt, held_out, SHARE, 0)
    seen = {one.text for one in learnt}
    repeated = sum(one.text in seen for one in found) / len(found)
    assert len(OFTEN) / (len(ONCE) + len(OFTEN)) == pytest.approx(repeated, abs=0.1)
    assert not {one.text for one in found} & {f"Acme at {n}" for n in range(100)} - seen


def test_what_came_once_is_learnt_or_held_out_never_both() -> None:
    """A model would be chosen by what it knows by heart."""
    learnt, held_out = split(examples(ROWS), SHARE, 0)
    found = as_they_come(ROWS, learnt, held_out, SHARE, 0)
    once = Counter(one.text for one in [*learnt, *found] if "order" in one.text)
    assert set(once.values()) == {1}
    assert len(once) == len(ONCE)
    assert found == as_they_come(ROWS, learnt, held_out, SHARE, 0)
    assert found != as_they_come(ROWS, learnt, held_out, SHARE, 1)
