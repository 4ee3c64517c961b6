"""Which text is learnt from and which one judges."""

from collections.abc import Sequence

import pytest

from nlp.continual.splits import LEAST, Shares, is_held_out, shares
from nlp.labelled_rows import BadRows
from nlp.training.examples import Example


def texts(name: str, count: int) -> list[Example]:
    """As many texts that begin with ``name``."""
    return [Example(f"{name} {number}", {"sentiment": number % 3}) for number in range(count)]


def dealt(
    new: Sequence[Example],
    replay: Sequence[Example] = (),
    old: Sequence[Example] = (),
    ratio: float = 4.0,
) -> Shares:
    """The shares as the command deals them by default."""
    return shares(new, replay, old, held_out=0.3, ratio=ratio, seed=1)


def words(found: Sequence[Example], name: str = "") -> set[str]:
    """The texts of ``found`` that begin with ``name``."""
    return {one.text for one in found if one.text.startswith(name)}


@pytest.mark.parametrize("ratio", [0.0, 1.0, 4.0])
def test_as_many_old_texts_are_replayed_as_asked_for(ratio: float) -> None:
    """A model would forget what it knew, or hardly see what is new."""
    found = dealt(texts("new", 100), texts("old", 1_000), ratio=ratio)
    new = len(words(found.learn, "new")) + len(words(found.choose, "new"))
    assert len(words(found.learn, "old")) == round(ratio * new)


def test_no_text_both_teaches_and_judges() -> None:
    """The table would praise a model for what it learnt by heart."""
    old = texts("old", 500)
    found = dealt([*texts("new", 100), old[0], old[499]], old, old[400:])
    parts = [words(part) for part in found]
    assert sum(map(len, parts)) == len(set().union(*parts))


def test_a_corrected_text_is_not_taught_with_its_old_label() -> None:
    """The correction would be one voice against the error that it corrects."""
    wrong = texts("both", 100)
    right = [Example(one.text, {"sentiment": 2}) for one in wrong]
    found = dealt(right, wrong, wrong)
    assert all(one.labels == {"sentiment": 2} for part in found for one in part)


def test_what_is_held_out_stays_so_when_corrections_come_in() -> None:
    """A model would be judged by corrections that the one before has learnt from."""
    first = dealt(texts("new", 100))
    later = dealt(texts("new", 300))
    assert words(first.new) <= words(later.new)
    assert not words(first.new) & words([*later.learn, *later.choose])
    assert is_held_out("Acme   falls https://t.co/x", 0.3) is is_held_out("Acme falls", 0.3)


def test_too_few_corrections_are_refused() -> None:
    """A model would be promoted by two or three texts, which is chance."""
    with pytest.raises(BadRows, match=f"6 corrections are too few: .* there must be {LEAST}"):
        dealt(texts("new", 6), texts("old", 100))
