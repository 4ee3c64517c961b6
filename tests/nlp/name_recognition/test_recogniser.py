"""Recognition of companies that are in no list, by the words around their names."""

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.companies.masking import NameMasking
from nlp.name_recognition.recogniser import MAX_CHARS, NameRecogniser
from nlp.name_recognition.words import BUCKETS, FEATURES, features, words

RECOGNISER = NameRecogniser.builtin()
ALL_MASKED = NameMasking.builtin(unlisted=True)


def names(text: str) -> list[str]:
    """Return the names that are recognised."""
    return [text[start:end] for start, end in RECOGNISER.names(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Velmora shares fall after profit warning", ["Velmora"]),
        ("Plant of Dunmere Holdings explodes", ["Dunmere Holdings"]),
        ("Tarkell & Wye recalls 200,000 heaters", ["Tarkell & Wye"]),
        ("Hostell-Quine to cut 300 jobs", ["Hostell-Quine"]),
        ("VELMORA Q3 NET PROFIT FALLS", ["VELMORA"]),
        ("Velmora Shares Fall After Profit Warning", ["Velmora"]),
        ("UPDATE 2-Velmora's third-quarter profit falls", ["Velmora"]),
    ],
)
def test_a_company_that_nobody_listed_is_recognised(text: str, expected: list[str]) -> None:
    """A company's name would decide what its news is taken for."""
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Japan to raise taxes, prime minister says",
        "Obama calls for calm in the markets",
        "Fed holds interest rates steady",
        "Oil prices fall as OPEC raises output",
        "Dow Jones falls 300 points on Monday",
        "Shares rise in New York and London",
        "earthquake kills four",
        "Ransomware brings factories to a stop",
        "Ruptured pipeline pours crude into river",
        "Regulator closes inquiry without findings",
        "",
    ],
)
def test_places_people_and_offices_stay(text: str) -> None:
    """A model would read of a company where a text speaks of a country or a central bank."""
    assert names(text) == []


def test_unlisted_and_listed_companies_have_placeholders_of_their_own() -> None:
    """Bad news of one company would be read as that of the other."""
    masked = ALL_MASKED.mask("Velmora sues Boeing; Velmora shares rise", "Boeing")
    assert masked[:2] == ("Company A sues Company B; Company A shares rise", "Company B")


def test_a_subject_within_an_unlisted_name_is_that_company() -> None:
    """A model would be asked about a company that the text it reads does not name."""
    masked = ALL_MASKED.mask("Dunmere, Inc recalls soup", "Dunmere")
    assert masked[:2] == ("Company A recalls soup", "Company A")


def test_a_listed_name_is_not_made_longer() -> None:
    """Where a name ends would depend on words that only look like a part of it."""
    assert NameMasking.builtin().mask("Boeing shares fall") == ALL_MASKED.mask("Boeing shares fall")


@given(st.text(alphabet=string.printable + "éŁß\u2019&-.日İ", max_size=80))
def test_names_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    """A text would be torn where a name is put in another's place."""
    end = 0
    for name in RECOGNISER.names(text):
        assert end <= name.start < name.end <= len(text)
        end = name.end


def test_a_huge_text_is_read_in_part() -> None:
    """A filing of many pages would keep a worker busy with its names."""
    text = "Velmora shares fall. " * 1_000
    assert max(name.end for name in RECOGNISER.names(text)) <= MAX_CHARS


def test_each_word_with_a_capital_has_its_features() -> None:
    """A word would be judged by another's surroundings."""
    text = "Acme's plant in Ohio"
    found = words(text)
    rated = dict(features(text, found))
    assert [found[index].text for index in rated] == ["Acme", "Ohio"]
    assert all(len(own) == FEATURES and max(own) < BUCKETS for own in rated.values())


def test_weights_that_were_stored_are_read_as_they_were() -> None:
    """Names would be recognised by other rules than those that were learnt."""
    assert RECOGNISER.weights.shape == (BUCKETS,)
    assert 0 < np.count_nonzero(RECOGNISER.weights) < BUCKETS
    assert RECOGNISER.stored()["scale_and_bias"].tolist() == [RECOGNISER.scale, RECOGNISER.bias]
