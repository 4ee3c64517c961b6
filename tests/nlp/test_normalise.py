"""Texts without the artefacts of a medium."""

import pytest

from nlp.normalise import normalise


@pytest.mark.parametrize("blank", [" ", "   ", "\t", "\r\n", "\x00", "\x7f", "\u00a0", "\u2003"])
def test_any_white_space_is_one_blank(blank: str) -> None:
    """Copies of a headline by two feeds would get different scores."""
    assert normalise(f"{blank}Acme{blank}shares fall{blank}") == "Acme shares fall"


@pytest.mark.parametrize("mark", "$#@")
def test_marks_before_words_go_and_others_stay(mark: str) -> None:
    """A model would read a cashtag as an unknown word, or lose a sum of money."""
    assert normalise(f"{mark}ACME falls {mark}5") == f"ACME falls {mark}5"
