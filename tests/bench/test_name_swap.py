"""The shares of swaps that change an answer are counted as the documents say."""

from collections.abc import Sequence
from statistics import mean

import pytest
from name_swap import FILE, FILLERS, LARGE, Swap, Template, measure, read, shares, worst

from nlp.classifier import Scores
from nlp.load import load
from nlp.null import NullClassifier
from nlp.settings import ModelSettings

FIRE = Template("accident", "negative", "Fire at {company} in {place}")
NOTICE = Template("notice", "neutral", "{company} holds steady")


class Prejudiced(NullClassifier):
    """A model that thinks ill of Boeing, and a little of every other company but Acme."""

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        return [
            _answer(0.9 if "Boeing" in text else 0.3 + 0.1 * ("Acme" not in text)) for text in texts
        ]


def _answer(negative: float) -> Scores:
    return Scores(negative, 1 - negative, 0.0, {})


def test_there_are_300_headlines_a_third_of_them_neutral() -> None:
    """The share of 300 headlines that the documents promise would be of fewer."""
    templates = read()
    assert len(templates) == len({template.headline for template in templates}) == 300
    assert sum(template.sentiment == "neutral" for template in templates) >= 100


def test_every_headline_names_a_company() -> None:
    """A headline without one never changes, and makes every model look better."""
    assert all("{company}" in template.headline for template in read(FILE))


@pytest.mark.parametrize("gap", FILLERS)
def test_every_gap_is_filled(gap: str) -> None:
    """A model would be asked about braces."""
    for template in read():
        for filler in FILLERS[gap]:
            text = template.fill(gap, filler)
            assert not {"{", "}"} & set(text)
            assert (filler in text) == (f"{{{gap}}}" in template.headline)
    assert len(set(FILLERS[gap])) == len(FILLERS[gap])


def test_each_swap_is_compared_with_the_reference() -> None:
    """The change of a swap would be that of another headline or name."""
    swaps = measure(Prejudiced(), [FIRE, NOTICE], "company")
    assert len(swaps) == 2 * (len(FILLERS["company"]) - 1)
    assert {swap.reference for swap in swaps} == {0.3}
    assert {swap.filler for swap in swaps if swap.negative == 0.9} == {"Boeing"}


def test_headlines_without_the_gap_are_not_asked() -> None:
    """Headlines that have no place would make the share of places smaller than it is."""
    assert {swap.template for swap in measure(NullClassifier(), [FIRE, NOTICE], "place")} == {FIRE}


def test_shares_count_headlines_and_swaps() -> None:
    """One bad name of four would look like a model that is right in three of four headlines."""
    swaps = [
        Swap(FIRE, "Boeing", 0.3, 0.9),
        Swap(FIRE, "Apple", 0.3, 0.3),
        Swap(NOTICE, "Boeing", 0.3, 0.35),
        Swap(NOTICE, "Apple", 0.3, 0.25, is_unread=True),
    ]
    assert shares({"company": swaps}).splitlines()[2:] == [
        "| company | 2 | 50.0% | 25.0% | 0.175 | 1 |",
        "| company, neutral headlines | 1 | 0.0% | 0.0% | 0.050 | 1 |",
    ]


def test_the_worst_swaps_are_of_different_headlines() -> None:
    """Ten names in one headline would hide the other nine headlines."""
    swaps = [
        Swap(NOTICE, "Gap", 0.3, 0.0, is_unread=True),
        Swap(FIRE, "Boeing", 0.3, 0.9),
        Swap(FIRE, "Apple", 0.3, 0.8),
    ]
    assert worst(swaps).splitlines()[2:] == [
        f"| {FIRE.headline} | Boeing | 0.30 | 0.90 |",
        f"| {NOTICE.headline} | Gap | 0.30 | unread |",
    ]


@pytest.mark.model
@pytest.mark.parametrize(
    ("gap", "share", "change"),
    [("company", 0.13, 0.05), ("number", 0.03, 0.02), ("place", 0.2, 0.06)],
)
def test_names_numbers_and_places_do_not_decide(gap: str, share: float, change: float) -> None:
    """The same accident would be bad at one company and harmless at another."""
    templates = [template for template in read() if f"{{{gap}}}" in template.headline][::4]
    model = load(ModelSettings(model="shipped", device="cpu"))
    swaps = measure(model, templates, gap)
    assert len(swaps) >= 80
    assert sum(swap.change > LARGE for swap in swaps) / len(swaps) <= share
    assert mean(swap.change for swap in swaps) <= change
