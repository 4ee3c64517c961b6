"""Formulas of regulatory news: the same words are the same story for one company and day only."""

from datetime import UTC, datetime

import pytest

from detection.stories.formulas import is_formula, story_of
from detection.stories.simhash import fingerprint, is_same_story

MONDAY, TUESDAY = datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 3, 7, tzinfo=UTC)
PDMR = "Director/PDMR Shareholding"


@pytest.mark.parametrize(
    "headline",
    [
        PDMR,
        "HOLDING(S) IN COMPANY",
        "Acme plc - Trading Statement",
        "Form 8.3 - Acme plc",
        "Form 4",
    ],
)
def test_a_kind_of_filing_is_a_formula(headline: str) -> None:
    """The second filing of a week would be taken for the first one's echo."""
    assert is_formula(headline)


def test_filings_differ_by_company_and_day() -> None:
    """A company's filing would be swallowed as another's, or as yesterday's."""
    first = story_of(PDMR, MONDAY, ["ABC.L"])
    assert is_same_story(first, story_of("Director / PDMR shareholding", MONDAY, ["ABC.L"]))
    assert not is_same_story(first, story_of(PDMR, TUESDAY, ["ABC.L"]))
    assert not is_same_story(first, story_of(PDMR, MONDAY, ["XYZ.L"]))


def test_a_headline_with_news_in_it_has_the_story_of_its_words() -> None:
    """Ten wires of one story would count ten times."""
    text = "Trading update: Acme warns that profit will be far below forecasts"
    assert story_of(text, MONDAY, ["ACME"]) == story_of(text, TUESDAY) == fingerprint(text)
