"""Masking of company names: which words of a text a model does not read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.companies.masking import PLACEHOLDERS, NameMasking
from nlp.normalise import normalise

MASKING = NameMasking.builtin()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Boeing delays jet", "Company A delays jet"),
        ("BOEING DELAYS JET", "Company A DELAYS JET"),
        ("UPDATE 2-Boeing delays jet", "UPDATE 2-Company A delays jet"),
        ("Boeing's jet is late", "Company A's jet is late"),
        ("Nestl\u00e9\u2019s profit rises", "Company A\u2019s profit rises"),
        ("Ford's beat Boeing's; Ford up", "Company A's beat Company B's; Company A up"),
        ("Google rises as Alphabet splits", "Company A rises as Company A splits"),
        ("Square (NYSE: SQ), Apple (AAPL) up", "Company A (NYSE: SQ), Company B (AAPL) up"),
    ],
)  # fmt: skip
def test_each_company_has_one_placeholder(text: str, expected: str) -> None:
    """A model would give a company the answer that its name alone suggests."""
    assert MASKING.mask(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "Gap between forecasts and sales widens",
        "Apple pie is back on the menu of markets",
        "Harrison Ford sells his ranch",
        "$AAPL and AAPL rise",
        "Shares fall",
        "",
    ],
)
def test_words_people_and_tickers_stay(text: str) -> None:
    """A model would read of a company where the text speaks of a target."""
    assert MASKING.mask(text).text == text


def test_a_word_and_a_company_of_the_same_name_are_told_apart() -> None:
    """A text would lose what it says about the company's target."""
    masked = MASKING.mask("Target to close 200 stores, sets a new target")
    assert masked.text == "Company A to close 200 stores, sets a new target"


def test_further_companies_share_the_last_placeholder() -> None:
    """A list of many companies would stop a worker."""
    names = "Boeing, Airbus, Microsoft, Intel, Walmart, Toyota, Pfizer, Citigroup, Nike and Siemens"
    expected = ", ".join([*PLACEHOLDERS, PLACEHOLDERS[-1]]) + f" and {PLACEHOLDERS[-1]}"
    assert MASKING.mask(f"Shares of {names} fall").text == f"Shares of {expected} fall"


@pytest.mark.parametrize(
    ("text", "subject", "expected", "placeholder"),
    [
        ("Boeing beats Quorvex", "Quorvex", "Company A beats Company B", "Company B"),
        ("Quorvex beats Boeing", "quorvex", "Company A beats Company B", "Company A"),
        ("Google beats Boeing", "Alphabet", "Company A beats Company B", "Company A"),
        ("Target slides", "Target", "Company A slides", "Company A"),
        ("Tesla Motors, or Tesla", "Tesla Motors", "Company A, or Company A", "Company A"),
        ("Jaguar Land Rover falls", "Rover", "Company A falls", "Company A"),
        ("Boeing falls", "Quorvex", "Company A falls", "Quorvex"),
        ("Shares fall", "", "Shares fall", ""),
    ],
)  # fmt: skip
def test_the_subject_is_masked_as_in_the_text(
    text: str, subject: str, expected: str, placeholder: str
) -> None:
    """A model would be asked about a company that the text it reads does not name."""
    assert MASKING.mask(text, subject)[:2] == (expected, placeholder)


@given(st.lists(st.sampled_from(["Boeing", "Ford's", "sinks", "(NYSE: F)", "Ünal", "$GM", "é"])))
def test_characters_outside_names_keep_their_places(words: list[str]) -> None:
    """An explanation would put the value of a word on another one."""
    text = normalise(" ".join(words))
    masked = MASKING.mask(text)
    for start in range(len(masked.text)):
        old_start, old_end = masked.old_span(start, start + 1)
        is_name = any(new.start <= start < new.end for new in masked.replacements)
        assert is_name or text[old_start:old_end] == masked.text[start]
