"""The division of texts among training, validation and test."""

from collections.abc import Sequence

import pytest

from nlp.continual.splits import MIN_CORRECTIONS, Splits, is_held_out, split_texts
from nlp.labelled_rows import BadRows
from nlp.training.examples import Example


def texts(name: str, count: int) -> list[Example]:
    """Return ``count`` texts that begin with ``name``."""
    return [Example(f"{name} {number}", {"sentiment": number % 3}) for number in range(count)]


def split(
    corrections: Sequence[Example],
    replay: Sequence[Example] = (),
    old: Sequence[Example] = (),
    ratio: float = 4.0,
) -> Splits:
    """Return the splits with the default options of the command."""
    return split_texts(corrections, replay, old, held_out=0.3, replay_ratio=ratio, seed=1)


def named(examples: Sequence[Example], name: str = "") -> set[str]:
    """Return the texts that begin with ``name``."""
    return {example.text for example in examples if example.text.startswith(name)}


@pytest.mark.parametrize("ratio", [0.0, 1.0, 4.0])
def test_as_many_old_texts_are_replayed_as_asked_for(ratio: float) -> None:
    """A model would forget old texts, or hardly see the new ones."""
    splits = split(texts("new", 100), texts("old", 1_000), ratio=ratio)
    new = len(named(splits.training, "new")) + len(named(splits.validation, "new"))
    assert len(named(splits.training, "old")) == round(ratio * new)


def test_no_text_is_in_two_sets() -> None:
    """The table would praise a model for texts that it learnt by heart."""
    old = texts("old", 500)
    splits = split([*texts("new", 100), old[0], old[499]], old, old[400:])
    sets = [named(examples) for examples in splits]
    assert sum(map(len, sets)) == len({text for texts in sets for text in texts})


def test_a_corrected_text_is_not_taught_with_its_old_label() -> None:
    """A model would learn the correction and the error that it corrects."""
    wrong = texts("both", 100)
    right = [Example(example.text, {"sentiment": 2}) for example in wrong]
    splits = split(right, wrong, wrong)
    labels = [example.labels for examples in splits for example in examples]
    assert all(label == {"sentiment": 2} for label in labels)


def test_a_held_out_correction_stays_held_out_when_others_come_in() -> None:
    """A model would be judged by corrections that the version before has learnt."""
    first = split(texts("new", 100))
    later = split(texts("new", 300))
    assert named(first.new) <= named(later.new)
    assert not named(first.new) & named([*later.training, *later.validation])
    assert is_held_out("Acme   falls https://t.co/x", 0.3) is is_held_out("Acme falls", 0.3)


def test_too_few_corrections_are_refused() -> None:
    """A model would be promoted by two or three texts, which is chance."""
    with pytest.raises(BadRows, match=f"6 corrections are too few: .* at least {MIN_CORRECTIONS}"):
        split(texts("new", 6), texts("old", 100))
