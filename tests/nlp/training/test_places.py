"""Texts with other places."""

from nlp.tasks import Head
from nlp.training.examples import Example
from nlp.training.places import vary_places

LABELS: dict[Head, int] = {"sentiment": 0}


def test_each_place_has_one_other_name_of_its_kind() -> None:
    """A model would learn of texts that contradict themselves, or of a strike "in the Chicago"."""
    text = "Flood in Ohio: Ohio closes roads, Lyon sends pumps to Ohio"
    (varied,) = vary_places([Example(text, LABELS)], 1.0, seed=3)
    state, city = varied.text.split()[2].rstrip(":"), varied.text.split()[6]
    assert varied.text == text.replace("Ohio", state).replace("Lyon", city)
    assert {state, city}.isdisjoint({"Ohio", "Lyon"})
    assert varied.labels == LABELS


def test_a_subject_keeps_its_name() -> None:
    """The model would be asked about a company that its text does not name."""
    example = Example("Bank of Ireland falls in Dublin", LABELS, "Bank of Ireland")
    assert vary_places([example], 1.0, seed=1) == [example]


def test_a_share_of_the_texts_is_varied() -> None:
    """Real places would never be learnt."""
    examples = [Example(f"Shares fall in Tokyo, {number}", LABELS) for number in range(400)]
    varied = vary_places(examples, 0.3, seed=1)
    changed = sum(new != old for new, old in zip(varied, examples, strict=True))
    assert 80 < changed < 160
