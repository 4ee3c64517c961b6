"""The held-out texts that a model is chosen and calibrated by."""

from collections import Counter

import pytest

from nlp.labelled_rows import Row
from nlp.tasks import Task
from nlp.training.examples import Example, hold_out_rows, merge_rows, random_split

pytestmark = pytest.mark.model

UNIQUE = [Row(f"Acme wins order number {n}", n % 3) for n in range(400)]
REPEATED = [
    Row(f"https://t.co/{n}x{copy} Acme at {n}", n % 3) for n in range(100) for copy in range(3)
]
ROWS: dict[Task, list[Row]] = {"sentiment": UNIQUE + REPEATED}
SHARE = 0.2


def split(seed: int = 0) -> tuple[list[Example], list[Example]]:
    """Return the training texts and the held-out rows; ``seed`` draws the repeated ones."""
    training, held_out = random_split(merge_rows(ROWS), SHARE, 0)
    return training, hold_out_rows(ROWS, training, held_out, SHARE, seed)


def test_held_out_texts_repeat_training_texts_as_often_as_the_rows_repeat_themselves() -> None:
    """Scores would be too low for a feed that repeats itself, as all feeds do."""
    training, held_out = split()
    training_texts = {example.text for example in training}
    repeated = sum(example.text in training_texts for example in held_out) / len(held_out)
    assert len(REPEATED) / (len(UNIQUE) + len(REPEATED)) == pytest.approx(repeated, abs=0.1)
    repeated_texts = {f"Acme at {n}" for n in range(100)}
    assert not {example.text for example in held_out} & repeated_texts - training_texts


def test_a_text_of_one_row_is_learnt_or_held_out_but_not_both() -> None:
    """A model would be chosen by texts that it knows by heart."""
    training, held_out = split()
    counts = Counter(example.text for example in [*training, *held_out] if "order" in example.text)
    assert set(counts.values()) == {1}
    assert len(counts) == len(UNIQUE)
    assert held_out == split()[1]
    assert held_out != split(seed=1)[1]
