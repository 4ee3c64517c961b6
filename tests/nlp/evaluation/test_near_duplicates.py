"""Near duplicates of known texts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation import near_duplicates
from nlp.evaluation.near_duplicates import MIN_SIMILARITY, has_near_duplicate, shingles

KNOWN = [
    "Borogove Bank files for bankruptcy after a run on deposits",
    "Tove Motors beats estimates, raises its forecast for the year",
    "Gyre",
]
LETTERS = st.text(alphabet="ab ", max_size=24)


@pytest.mark.parametrize(
    "text",
    [
        KNOWN[0],
        "$BORO - Borogove Bank files for bankruptcy after a run on deposits https://t.co/x1",
        "RT @wire: BOROGOVE BANK FILES FOR BANKRUPTCY AFTER A RUN ON DEPOSITS",
        "Borogove Bank filed for bankruptcy after a run on deposits",
        "$GYRE",
    ],
)
def test_reposts_and_small_changes_are_near(text: str) -> None:
    """The score would count texts that the model learnt by heart."""
    assert has_near_duplicate([text], KNOWN).tolist() == [True]


@pytest.mark.parametrize(
    "text",
    [
        "Rath Insurance files for bankruptcy protection in Delaware",
        "Tove Motors recalls cars",
        "Gyr",
        "",
        "https://t.co/x1",
    ],
)
def test_other_news_in_similar_words_is_not_near(text: str) -> None:
    """Texts that the model has not seen would be left out of the score."""
    assert has_near_duplicate([text], [*KNOWN, ""]).tolist() == [False]


def test_no_known_texts_or_no_texts_are_fine() -> None:
    """An empty training file would end in an exception of a library."""
    assert has_near_duplicate(["Tove rises"], []).tolist() == [False]
    assert has_near_duplicate(["", ""], KNOWN).tolist() == [False, False]
    assert has_near_duplicate([], KNOWN).tolist() == []


def jaccard(first: str, second: str) -> float:
    """Return the similarity of two texts by its definition."""
    a, b = shingles(first), shingles(second)
    return len(a & b) / len(a | b) if a and b else 0.0


@pytest.mark.property
@pytest.mark.parametrize("threshold", [0.3, MIN_SIMILARITY, 1.0])
@given(texts=st.lists(LETTERS, max_size=8), known=st.lists(LETTERS, max_size=8))
def test_no_near_duplicate_is_missed(threshold: float, texts: list[str], known: list[str]) -> None:
    """The short cut through rare shingles would let duplicates into the de-duplicated score."""
    expected = [any(jaccard(text, other) >= threshold - 1e-9 for other in known) for text in texts]
    assert has_near_duplicate(texts, known, threshold).tolist() == expected


def test_many_known_texts_are_compared_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A duplicate at the border of two chunks would be missed, or memory grow with the file."""
    monkeypatch.setattr(near_duplicates, "_CHUNK_TEXTS", 2)
    monkeypatch.setattr(near_duplicates, "_CHUNK_PAIRS", 1)
    known = [f"Tove Motors sold {count * 7919} cars in its quarter" for count in range(7)]
    assert np.all(has_near_duplicate(known, known, threshold=1.0))
