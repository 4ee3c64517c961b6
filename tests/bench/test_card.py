"""The figures in a model's card."""

import pytest
from labelling.card import END, begin, replaced

from nlp.transformer.model_path import LARGE

CARD = f"# large-1\n\n{begin('large')}\n| old |\n| older |\n{END}\n\n## Limits\n"


def test_new_figures_take_the_place_of_the_old_ones() -> None:
    """The card would show figures of two models, or lose its limits."""
    assert replaced(CARD, "large", "| new |\n") == (
        f"# large-1\n\n{begin('large')}\n| new |\n{END}\n\n## Limits\n"
    )
    card = (LARGE / "MODEL_CARD.md").read_text("utf-8")
    assert "| \\1 |" in replaced(card, "large", "| \\1 |\n")


@pytest.mark.parametrize("card", ["# large-1\n", CARD + CARD])
def test_a_card_without_a_place_is_not_written(card: str) -> None:
    """The figures would be lost, or stand twice, without a word."""
    with pytest.raises(ValueError, match="once"):
        replaced(card, "large", "| new |\n")
