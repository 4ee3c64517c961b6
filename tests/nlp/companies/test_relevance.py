"""Relevance: whether a company is the subject of a text or a bystander."""

import pytest

from nlp.companies.company_list import listed_company
from nlp.companies.finder import CompanyFinder
from nlp.companies.settings import CompanySettings

NAMES = {"Acme": "ACM", "Orbit": "ORB", "Wanda": "WND", "Quill": "QLL", "Goldman Sachs": "GS"}
LISTED = [listed_company(name, ticker, []) for name, ticker in NAMES.items()]
ALL, SUBJECTS = CompanyFinder(LISTED), CompanyFinder(LISTED, floor=CompanySettings().floor)


def relevance(headline: str, body: str = "") -> dict[str, float]:
    """Return the relevance of each company, by ticker."""
    return {company.ticker: company.relevance for company in ALL.find(headline, body)}


@pytest.mark.parametrize(
    ("headline", "bystander"),
    [
        ("Acme to miss forecasts, says analyst at Orbit", "ORB"),
        ("Acme gains on rival of Orbit", "ORB"),
        ("Acme beats Orbit analysts' estimates", "ORB"),
        ("Orbit-backed Acme files for IPO", "ORB"),
        ("Former Orbit chief joins Acme", "ORB"),
        ("Orbit supplier Acme warns on profit", "ORB"),
        ("Goldman Sachs upgrades Acme to buy", "GS"),
        ("Acme to soar - Goldman Sachs", "GS"),
        ("Acme downgraded to sell by Orbit", "ORB"),
        ("Acme to present at Orbit Technology Conference", "ORB"),
    ],
)
def test_a_company_named_for_anothers_sake_is_a_bystander(headline: str, bystander: str) -> None:
    """A bank would get an alert for its analysts' opinions on others."""
    weights = relevance(headline)
    assert weights[bystander] < CompanySettings().floor < weights["ACM"]
    assert [company.ticker for company in SUBJECTS.find(headline)] == ["ACM"]


@pytest.mark.parametrize(
    ("headline", "subjects"),
    [
        ("Acme to buy Orbit", ["ACM", "ORB"]),
        ("Acme and Orbit settle", ["ACM", "ORB"]),
        ("Regulators fine Acme", ["ACM"]),
        ("Deliveries to be held up, Acme says", ["ACM"]),
        ("Goldman Sachs to lay off analysts", ["GS"]),
        ("BRIEF-Goldman Sachs says CFO to leave", ["GS"]),
    ],
)
def test_companies_that_act_or_are_acted_upon_are_subjects(
    headline: str, subjects: list[str]
) -> None:
    """Half of a merger would make no signal."""
    weights = relevance(headline)
    assert [ticker for ticker, weight in weights.items() if weight >= 0.8] == subjects


def test_the_first_company_counts_most() -> None:
    """Subject and bystander would weigh the same."""
    weights = relevance("Acme slides while Orbit shrugs")
    assert weights["ACM"] > weights["ORB"]


def test_each_of_a_list_counts_less() -> None:
    """A list of movers would be news of each of them."""
    listed = relevance("Acme, Orbit, Wanda, Quill and Goldman Sachs among movers")
    assert len(listed) == 5
    assert max(listed.values()) < relevance("Acme among movers")["ACM"]


def test_the_headline_counts_more_than_what_follows() -> None:
    """A company in passing would weigh as much as the one that the article is about."""
    body = "Shares of Orbit were flat. " + "More. " * 50 + "Wanda too."
    weights = relevance("Acme slides", body)
    assert weights["ACM"] > weights["ORB"] > weights["WND"]


def test_more_mentions_count_more() -> None:
    """A company that a whole text is about would look like one in passing."""
    once = relevance("Markets slide", "Shares of Orbit fell.")
    often = relevance("Markets slide", "Shares of Orbit fell. Orbit said so. Now Orbit is cheap.")
    assert once["ORB"] < often["ORB"] < 1
